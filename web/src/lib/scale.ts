// Axes of the scatter: round ticks over a range, and a place for a value.

export interface Scale {
  ticks: number[];
  /** 0 at the axis's lower end, 1 at its upper. */
  place: (value: number) => number;
}

export function linearScale(values: readonly number[], tickCount = 5): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  // One run alone still wants an axis around it.
  const step = niceStep((high - low || Math.abs(high) * 0.1 || 1) / tickCount);
  const begin = Math.floor(low / step - 0.25) * step;
  const end = Math.ceil(high / step + 0.25) * step;
  const count = Math.round((end - begin) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) =>
    Number((begin + i * step).toPrecision(12)),
  );
  return { ticks, place: (value) => (value - begin) / (end - begin) };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const times = step / power;
  return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * power;
}
