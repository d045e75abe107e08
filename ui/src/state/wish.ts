/** A place that the quick prompt leads to: it shows none itself, so it is left here for the window. */
import { addressOf, type Place, placeAt } from "./place";

const WISH = "jamey.wish";
/** The first run has no address, since no window begins there unasked. */
const FIRST = "first";

/** Leaves it for the window that is open, or that is opened next. */
export function wish(to: Place): void {
  try {
    localStorage.setItem(WISH, to.name === "first" ? FIRST : addressOf(to));
  } catch {
    // Without storage the window shows what it showed.
  }
}

/** Takes what was left; it holds once, and what is none of ours is where every window begins. */
function taken(): Place | undefined {
  try {
    const left = localStorage.getItem(WISH);
    if (left === null) return undefined;
    localStorage.removeItem(WISH);
    return left === FIRST ? { name: FIRST } : placeAt(left);
  } catch {
    return undefined;
  }
}

/** Leads to what was left before the window was there, and to all that is left from now on. */
export function beginWishes(lead: (to: Place) => void): void {
  const look = () => {
    const to = taken();
    if (to) lead(to);
  };
  addEventListener("storage", ({ key, newValue }) => {
    if (key === WISH && newValue !== null) look();
  });
  look();
}
