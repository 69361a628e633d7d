/** The phone's own icons: 24 units wide, drawn with the text's colour. Always beside words or under an accessible name. */

const HANDSET =
  "M6.4 3.5h3l1.5 4.2-2.1 1.6a12 12 0 0 0 5.9 5.9l1.6-2.1 4.2 1.5v3a2 2 0 0 1-2.2 2A16.6 16.6 0 0 1 4.4 5.7a2 2 0 0 1 2-2.2z";

const PATHS = {
  answer: HANDSET,
  hangUp: HANDSET,
  microphone: "M12 3a3 3 0 0 0-3 3v5.5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  muted:
    "M9 9.5v2a3 3 0 0 0 4.8 2.4M15 11.5V6a3 3 0 0 0-5.8-1M5.5 11a6.5 6.5 0 0 0 10.6 5M18.5 11a6.5 6.5 0 0 1-.5 2.5M12 17.5V21M4 3.5l16 17",
  hold: "M8.5 5v14M15.5 5v14",
  resume: "M8 5.5v13l10.5-6.5z",
  keypad: "M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  down: "M7 10l5 5 5-5",
  cup: "M5 9h11v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 10.5h1.5a2.5 2.5 0 0 1 0 5H16M8.5 3v2.5M12.5 3v2.5",
  logOut: "M14 4.5H7a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h7M10.5 12H20M16.5 8.5L20 12l-3.5 3.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert:
    "M12 8v5M12 16.5h.01M10.4 4.3L2.9 17.2A1.9 1.9 0 0 0 4.5 20h15a1.9 1.9 0 0 0 1.6-2.8L13.6 4.3a1.9 1.9 0 0 0-3.2 0z",
  headset:
    "M4 14v-2a8 8 0 0 1 16 0v2M4 14.5A1.5 1.5 0 0 1 5.5 13H7v6H5.5A1.5 1.5 0 0 1 4 17.5zM20 14.5a1.5 1.5 0 0 0-1.5-1.5H17v6h1.5a1.5 1.5 0 0 0 1.5-1.5zM18.5 19v.5a2 2 0 0 1-2 2H13",
  inbound: "M17.5 6.5l-11 11M6.5 8.5v9h9",
  outbound: "M6.5 17.5l11-11M8.5 6.5h9v9",
  erase: "M9.5 5.5H19a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9.5L3 12zM12 9.5l5 5M17 9.5l-5 5",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
  offline:
    "M3 3.5l18 17M8.5 15a5 5 0 0 1 5.5-1M5.5 11.5a9.5 9.5 0 0 1 4.5-2.4M14 9a9.5 9.5 0 0 1 4.5 2.5M2.5 8a14 14 0 0 1 4-2.6M11 4.5A14 14 0 0 1 21.5 8M12 18.5h.01",
  tabs: "M8 8V5.5A1.5 1.5 0 0 1 9.5 4h9A1.5 1.5 0 0 1 20 5.5v9a1.5 1.5 0 0 1-1.5 1.5H16M5.5 8h9A1.5 1.5 0 0 1 16 9.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 4 18.5v-9A1.5 1.5 0 0 1 5.5 8z",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  clock: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5V12l3 2",
} as const;

export type IconName = keyof typeof PATHS;

const THICK: ReadonlySet<IconName> = new Set(["keypad", "more"]);

export function Icon({ name }: { name: IconName }) {
  const turn = name === "hangUp" ? "translate(0 3) rotate(135 12 12)" : undefined;
  return (
    <svg class={THICK.has(name) ? "icon icon-dots" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} transform={turn} />
    </svg>
  );
}
