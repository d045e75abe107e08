/** The machine that the runtime which is played runs on, and how its providers do. */
import type { CallSpan, Point, ProviderHealth, ProvidersPast, Sample, Status } from "../src/generated/bindings";
import { HOME, type World } from "./world";

/** For pictures: a machine whose figures stay for a minute. */
const isStill = new URLSearchParams(location.search).has("still");

export function sample(moment = Date.now()): Sample {
  const at = isStill ? Math.floor(moment / 60_000) * 60_000 : moment;
  const wave = (seconds: number, phase = 0) => 0.5 + 0.5 * Math.sin(at / (seconds * 1000) + phase);
  return {
    at,
    cpuPercent: 9 + 14 * wave(40) + 6 * wave(7, 1),
    cores: 8,
    memory: { totalBytes: 33_500_000_000, usedBytes: 13_700_000_000 + 900_000_000 * wave(200) },
    swap: { totalBytes: 8_000_000_000, usedBytes: 120_000_000 },
    disks: [
      { place: "/", room: { totalBytes: 500_000_000_000, usedBytes: 379_000_000_000 } },
      { place: "/media/backup", room: { totalBytes: 2_000_000_000_000, usedBytes: 610_000_000_000 } },
    ],
    network: {
      receivedPerSecond: 40_000 + 900_000 * wave(31) ** 4 * wave(190, 1) * wave(83),
      sentPerSecond: 9000 + 60_000 * wave(23, 2) ** 3 * wave(131) * wave(61, 2),
    },
    battery: { percent: 83, isDischarging: false },
    temperatureCelsius: 46 + 8 * wave(90),
    own: { processes: 1, cpuPercent: 0.1 + 0.4 * wave(17) ** 6, memoryBytes: 23_400_000 },
    children: { processes: 1, cpuPercent: 2 + 180 * wave(140, 1) ** 8, memoryBytes: 1_790_000_000 },
  };
}

export function history(hours: number, points: number): Point[] {
  const step = (hours * 3_600_000) / points;
  const now = sample().at;
  return Array.from({ length: points }, (_, n) => {
    const at = now - (points - n) * step;
    const hour = new Date(at).getHours();
    const busy = hour > 8 && hour < 19 ? 1 : 0.25;
    const looked = sample(at);
    return {
      at,
      cpuPercent: (looked.cpuPercent ?? 0) * busy + (n % 17 === 0 ? 22 : 0),
      memoryPercent: 34 + 14 * busy + (n % 7),
      diskPercent: 74 + n / points,
      receivedPerSecond: (looked.network?.receivedPerSecond ?? 0) * busy,
      sentPerSecond: (looked.network?.sentPerSecond ?? 0) * busy,
      batteryPercent: 60 + 30 * Math.abs(Math.sin(n / 20)),
      temperatureCelsius: 41 + 12 * busy + (n % 5),
      ownCpuPercent: (looked.own.cpuPercent ?? 0) * busy,
      ownMemoryBytes: 21_000_000 + 2_000_000 * busy,
      childrenCpuPercent: (looked.children.cpuPercent ?? 0) * busy,
      childrenMemoryBytes: 1_790_000_000 * (busy > 0.5 ? 1 : 0),
    };
  });
}

const healths = (): ProviderHealth[] => [
  {
    name: "openai",
    state: "fine",
    finding: "answers",
    answered: 212,
    failed: 1,
    successPercent: 100,
    firstWordMs: 640,
    answeredAt: Date.now() - 720_000,
  },
  {
    name: "home-server",
    state: "broken",
    finding: "cannot be reached",
    gate: "open",
    leftAloneSeconds: 25,
    answered: 14,
    failed: 6,
    successPercent: 60,
    firstWordMs: 1240,
    answeredAt: Date.now() - 86_000_000,
    lastFailure: { at: Date.now() - 3_000_000, text: "connection refused (192.168.1.20:8080)" },
  },
  {
    name: "local",
    state: "fine",
    finding: "answers",
    answered: 38,
    failed: 0,
    successPercent: 100,
    firstWordMs: 290,
    answeredAt: Date.now() - 5_000_000,
  },
];

export function statusOf(world: World): Status {
  return {
    version: "0.4.0",
    pid: 4711,
    uptimeSeconds: 266_400,
    listening: ["/run/user/1000/jamey/runtime.sock"],
    folders: {
      config: `${HOME}/.config/jamey-code`,
      data: `${HOME}/.local/share/jamey-code`,
      cache: `${HOME}/.cache/jamey-code`,
      models: `${HOME}/.local/share/jamey-code/models`,
    },
    sessions: world.sessions.size,
    running: 0,
    waiting: 1,
    memoryBytes: 23_400_000,
    children: [{ name: "jamey-local-model", pid: 4802, memoryBytes: 1_790_000_000, cpuPercent: 3.2 }],
    notices: [],
    machine: sample(),
    providers: healths(),
    problems: [
      {
        name: "backup",
        state: "warning",
        finding: "the last backup is 9 days old",
        remedy: "free some room on the disk",
      },
    ],
  };
}

/** A day of calls: by day more than by night, with an hour in which one provider fails. */
export function past(hours: number, points: number): ProvidersPast {
  const spanMs = Math.max(1, Math.round((hours * 60) / points)) * 60_000;
  const to = Math.ceil(sample().at / spanMs) * spanMs;
  const from = to - hours * 3_600_000;
  const spans = Array.from({ length: Math.ceil((to - from) / spanMs) }, (_, n) => from + n * spanMs);
  const historyOf = (health: ProviderHealth, which: number): CallSpan[] =>
    spans.flatMap((at, n) => {
      const hour = new Date(at).getHours();
      const calls = hour < 8 || hour > 18 ? 0 : Math.round(9 * Math.abs(Math.sin(n * (which + 2)))) - which * 2;
      const isBad = health.state === "broken" && n > spans.length * 0.6;
      const failed = isBad ? Math.ceil(calls * 0.7) : n % 29 === 0 ? Math.min(1, calls) : 0;
      return calls > 0 ? [{ at, calls, failed, firstWordMs: (health.firstWordMs ?? 500) + 40 * (n % 9) }] : [];
    });
  return {
    spanMs,
    from,
    to,
    providers: healths().map((health, which) => ({ health, history: historyOf(health, which) })),
  };
}
