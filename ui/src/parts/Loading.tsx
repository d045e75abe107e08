/** In the place of a page's charts while they are asked for. */
import { useText } from "../text";

export function Loading() {
  const t = useText();
  return (
    <div className="skeleton page-loading" role="status" aria-label={t.app.loading}>
      {["24%", "100%", "72%", "64%"].map((width) => (
        <span key={width} style={{ width }} />
      ))}
    </div>
  );
}
