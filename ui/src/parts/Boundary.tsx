/** Catches a part that cannot be drawn, so that the rest of the window stays. */
import { Component, type ReactNode } from "react";
import { text } from "../text";
import { Icon } from "./icons";

type Props = { children: ReactNode /** Another value tries again. */; at: unknown };
type State = { failed: string | null; at: unknown };

export class Boundary extends Component<Props, State> {
  override state: State = { failed: null, at: this.props.at };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { failed: error instanceof Error ? error.message : String(error) };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.at === state.at ? null : { failed: null, at: props.at };
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    const t = text();
    return (
      <div className="center" role="alert">
        <Icon name="alert" size={24} />
        <h2>{t.app.broken}</h2>
        <p>{t.app.brokenHint}</p>
        <p className="mono">{failed.slice(0, 300)}</p>
        <button type="button" className="button" onClick={() => this.setState({ failed: null })}>
          {t.app.retry}
        </button>
      </div>
    );
  }
}
