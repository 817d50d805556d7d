// How numbers look. What is not known is a dash.

export const unknown = "–";

// error is a mean square per coordinate.
export function error(x) {
  if (x === null || x === undefined) return unknown;
  const size = Math.abs(x);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return x.toExponential(2);
  return x.toFixed(size >= 100 ? 1 : 4);
}

// margin is a standard error.
export function margin(x) {
  if (x === null || x === undefined) return "";
  return ` ± ${x > 0 && x < 5e-5 ? x.toExponential(0) : x.toFixed(4)}`;
}

// number is a setting or a measure in few digits.
export function number(x) {
  return x === null || x === undefined ? unknown : String(Number(x.toPrecision(6)));
}

// short is a measure in three digits.
export function short(x) {
  return x === null || x === undefined ? unknown : String(Number(x.toPrecision(3)));
}

// whole is a count with thin spaces between thousands.
export function whole(n) {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

// steps is a count on an axis.
export function steps(n) {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(4))}M`;
  if (n >= 1e3) return `${Number((n / 1e3).toPrecision(4))}k`;
  return String(Number(n.toPrecision(4)));
}

// units is a count with its word.
export function units(n, word) {
  return `${whole(n)} ${word}${n === 1 ? "" : "s"}`;
}

// percent is a share of one, with its sign.
export function percent(x) {
  if (x === null || x === undefined) return unknown;
  const size = Math.abs(100 * x);
  return `${x < 0 ? "−" : "+"}${size.toFixed(size >= 100 ? 0 : 2)}\u202f%`;
}

// age is a time in its largest unit.
export function age(seconds) {
  if (seconds < 3600) return duration(seconds);
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;
}

// duration is a time in the two largest units that matter.
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return unknown;
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
