/** What was used and what it cost: by day, by model and by session, and how far the limits are used. */
import { useState } from "react";
import { ConnectionBar } from "../ConnectionBar";
import type { UsageReport } from "../generated/bindings";
import { Header } from "../Header";
import { Segments } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { Loading } from "../parts/Loading";
import { useText } from "../text";
import { money, percent, tokens } from "../text/units";
import { Bars } from "./Bars";
import { chartOf, type Measure } from "./days";
import { LimitsUsed } from "./LimitsUsed";
import { type Reports, useReports } from "./report";
import { ByModel, BySession, Cost } from "./Tables";

const SPANS = ["7", "30", "90"] as const;
type Span = (typeof SPANS)[number];

export default function UsagePage({ hasSidebar }: { hasSidebar: boolean }) {
  const t = useText();
  const [span, setSpan] = useState<Span>("30");
  const { reports, error, ask } = useReports(Number(span));
  const [wished, setWished] = useState<Measure>();
  const total = reports?.day.total;
  const measure = wished ?? (total && total.costMicros > 0 ? "cost" : "tokens");
  return (
    <>
      <Header title={t.usage.title} hasSidebar={hasSidebar} />
      <ConnectionBar />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div className="monitor" role="region" aria-label={t.usage.title} tabIndex={0}>
        <div className="monitor-inside" aria-busy={!reports || reports.days !== Number(span)}>
          <div className="usage-top">
            <Segments
              label={t.usage.time}
              value={span}
              options={SPANS.map((value) => ({ value, name: t.usage.lastDays(Number(value)) }))}
              onChange={setSpan}
            />
            {total && total.calls > 0 && (
              <Segments
                label={t.usage.measure}
                value={measure}
                options={[
                  { value: "cost", name: t.usage.cost },
                  { value: "tokens", name: t.usage.tokens },
                ]}
                onChange={setWished}
              />
            )}
          </div>
          {error && (
            <div className="usage-failed" role="alert">
              <Icon name="alert" />
              <span>
                {`${t.usage.failed}: ${error.message}`}
                {error.hint && <span className="quiet">{` · ${error.hint}`}</span>}
              </span>
              <button type="button" className="button" onClick={() => void ask()}>
                {t.app.retry}
              </button>
            </div>
          )}
          {reports ? <Shown reports={reports} measure={measure} /> : !error && <Loading />}
        </div>
      </div>
    </>
  );
}

function Shown({ reports, measure }: { reports: Reports; measure: Measure }) {
  const t = useText();
  const { day, model, session } = reports;
  const { total } = day;
  if (total.calls === 0) {
    return (
      <>
        <div className="usage-empty">
          <Icon name="chart" size={24} />
          <h2>{t.usage.empty}</h2>
          <p>{t.usage.emptyHint}</p>
        </div>
        <LimitsUsed limits={day.limits} />
      </>
    );
  }
  const chart = chartOf(day, measure);
  return (
    <>
      <Sum report={day} />
      <section className="monitor-section" aria-label={t.usage.byDay(t.usage[measure])}>
        {chart.series.length > 0 ? (
          <Bars chart={chart} show={measure === "cost" ? money : tokens} name={t.usage[measure]} />
        ) : (
          <p className="usage-note">{t.usage.nothingCost}</p>
        )}
      </section>
      <ByModel rows={model.rows} chart={chart} />
      <BySession rows={session.rows} />
      <LimitsUsed limits={day.limits} />
    </>
  );
}

function Sum({ report }: { report: UsageReport }) {
  const t = useText();
  const { total } = report;
  const used = total.tokens.input + total.tokens.output;
  const cached = total.tokens.cached ?? 0;
  return (
    <div className="usage-sum">
      <p className="usage-cost numbers">
        <Cost total={total} />
      </p>
      <p className="usage-note numbers">
        {[
          t.usage.sum(tokens(used), total.calls),
          cached > 0 ? t.conversation.cached(percent((cached / Math.max(1, total.tokens.input)) * 100)) : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {total.unpricedCalls > 0 && (
        <p className="usage-note usage-unpriced">
          <Icon name="info" size={14} />
          {t.usage.unpricedSome(total.unpricedCalls)}
        </p>
      )}
      {(total.estimatedCalls ?? 0) > 0 && (
        <p className="usage-note usage-unpriced">
          <Icon name="info" size={14} />
          {t.usage.estimatedSome(total.estimatedCalls ?? 0)}
        </p>
      )}
    </div>
  );
}
