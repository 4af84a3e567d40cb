const form = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|UTC)?$/i;

/**
 * Reads `YYYYMMDD[Z]` or `YYYYMMDDHHMM[SS][Z]` (ALLOWED SIGNERS in ssh-keygen(1)) into seconds since 1970; without
 * `Z` it is a time of this process's time zone. Undefined for another form, a day that the calendar lacks, and for
 * times that are not after the beginning of 1970.
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const asUtc = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isOnCalendar =
    asUtc.getUTCMonth() === month - 1 &&
    asUtc.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isOnCalendar || year < 1970) return undefined;
  const time = parts[7] === undefined ? new Date(year, month - 1, day, hour, minute, second) : asUtc;
  const seconds = time.getTime() / 1000;
  return seconds > 0 ? seconds : undefined;
}
