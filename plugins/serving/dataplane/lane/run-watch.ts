/** What a lane tells whoever wants to know how one request fared in it. */
export class RunWatch {
  /** In the queue, before its last run. */
  waitedMs = 0;
  /** Of that run, those of other requests among them; 0 while there was none. */
  rows = 0;

  ran(waitedMs: number, rows: number): void {
    this.waitedMs = waitedMs;
    this.rows = rows;
  }
}
