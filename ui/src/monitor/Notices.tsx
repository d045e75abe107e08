import type { Status } from "../generated/bindings";
import { Icon } from "../parts/icons";
import { useText } from "../text";

/** What is not as it should be now, with what to do about it. */
export function Notices({ status, notices }: { status: Status | undefined; notices: readonly string[] }) {
  const t = useText();
  const problems = status?.problems ?? [];
  const told = [...new Set([...notices, ...(status?.notices ?? [])])];
  if (told.length === 0 && problems.length === 0) return null;
  return (
    <section className="monitor-section" aria-label={t.monitor.notices}>
      <h2>{t.monitor.notices}</h2>
      {problems.map((check) => (
        <p key={check.name} className={`notice ${check.state === "broken" ? "bad" : "warn"}`}>
          <Icon name={check.state === "broken" ? "alert" : "warn"} size={14} />
          <span>
            {check.finding}
            {check.remedy && <span className="quiet">{` · ${check.remedy}`}</span>}
          </span>
        </p>
      ))}
      {told.map((notice) => (
        <p key={notice} className="notice warn">
          <Icon name="warn" size={14} />
          <span>{notice}</span>
        </p>
      ))}
    </section>
  );
}
