/** W3C Trace Context: https://www.w3.org/TR/trace-context/ */

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What vendors added, as it came. */
  readonly state?: string;
}

const format = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);
const longestState = 512;

/** What a caller sent; undefined where it is not as the standard has it, and then a new trace begins. */
export function parseTraceparent(
  header: string | readonly string[] | undefined,
  state?: string | readonly string[],
): TraceContext | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = format.exec(header.trim()) ?? [];
  if (version === undefined || version === 'ff' || traceId === noTrace || spanId === noSpan) return undefined;
  // Later versions may say more behind what is known of this one.
  if (version === '00' && more !== undefined) return undefined;
  const said = typeof state === 'string' ? state : state?.join(',');
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    ...(said === undefined || said.length > longestState ? {} : { state: said }),
  };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${isSampled ? '1' : '0'}`;
}
