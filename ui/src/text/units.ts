/** Numbers for people, in their language. */
import { locale, text } from ".";

/** Making a format takes as long as drawing a page, so each is made once. */
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function once<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const name = `${locale()} ${key}`;
  const format = made.get(name) ?? make();
  made.set(name, format);
  return format as T;
}

function format(value: number, options: Intl.NumberFormatOptions): string {
  return once(JSON.stringify(options), () => new Intl.NumberFormat(locale(), options)).format(value);
}

function moment(at: number, options: Intl.DateTimeFormatOptions): string {
  return once(JSON.stringify(options), () => new Intl.DateTimeFormat(locale(), options)).format(at);
}

export function number(value: number, digits = 0): string {
  return format(value, { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function bytes(count: number): string {
  if (count < 1000) return `${number(count)} B`;
  if (count < 1e6) return `${number(count / 1e3)} kB`;
  if (count < 1e9) return `${number(count / 1e6, count < 1e8 ? 1 : 0)} MB`;
  return `${number(count / 1e9, count < 1e11 ? 1 : 0)} GB`;
}

/** Memory, counted as systems count it: what is sold as 32 GB is 32 of these. */
export function memory(count: number): string {
  if (count < 2 ** 20) return `${number(count / 2 ** 10)} kB`;
  if (count < 2 ** 30) return `${number(count / 2 ** 20, count < 100 * 2 ** 20 ? 1 : 0)} MB`;
  return `${number(count / 2 ** 30, count < 100 * 2 ** 30 ? 1 : 0)} GB`;
}

/** The next number that reads well, and so does its half: one digit, 1.2, 1.6 or 2.4, with zeros. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

export function percent(value: number, digits = 0): string {
  return format(value / 100, { style: "percent", maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** Tokens, short: 812, 12.4k, 1.2M. */
export function tokens(count: number): string {
  if (count < 1000) return number(count);
  if (count < 1e6) return `${number(count / 1e3, count < 1e5 ? 1 : 0)}k`;
  return `${number(count / 1e6, 1)}M`;
}

export function duration(ms: number): string {
  const { units } = text();
  if (ms < 1000) return units.ms(number(Math.max(0, Math.round(ms))));
  const s = ms / 1000;
  if (s < 10) return units.s(number(s, 1));
  if (s < 120) return units.s(number(s));
  if (s < 7200) return units.min(number(s / 60));
  if (s < 172_800) return units.h(number(s / 3600));
  return units.days(Math.round(s / 86_400));
}

/** Millionths of a US dollar, as people write money; small sums with the digits that say something. */
export function money(micros: number): string {
  const dollars = micros / 1e6;
  const digits = dollars === 0 || dollars >= 0.01 ? 2 : dollars >= 0.0001 ? 4 : 6;
  return format(dollars, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: Math.min(2, digits),
    maximumFractionDigits: digits,
  });
}

/** A calendar day, `2026-11-26`, which is the same everywhere. */
export function day(iso: string, withWeekday = false): string {
  const weekday = withWeekday ? ({ weekday: "short" } as const) : {};
  return moment(Date.parse(`${iso}T12:00:00Z`), { day: "numeric", month: "short", timeZone: "UTC", ...weekday });
}

export function time(at: number): string {
  return moment(at, { hour: "2-digit", minute: "2-digit" });
}

export function dateTime(at: number): string {
  return moment(at, { dateStyle: "medium", timeStyle: "short" });
}
