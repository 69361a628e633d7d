// The phone at the side: the iframe, and what to say when it does not come up. The frame is made once per login and never
// moved or removed while the CRM is used: either would reload the phone in the middle of a call.

import { h, icon } from "./dom.js";
import { PhoneLink } from "./phone-link.js";

const ALLOW = "microphone; autoplay; speaker-selection; local-network-access";
const OPEN = "crm.phone.open";

function remembered() {
  try {
    return localStorage.getItem(OPEN) !== "no";
  } catch {
    return true; // storage is blocked: nothing is remembered, all else works
  }
}

/**
 * @param {string} address the phone's address with the session in it
 * @param {() => void} again what "Log in again" does
 */
export function makeDock(address, again) {
  const url = new URL(address, location.href);
  const iframe = h("iframe", { title: "Phone", allow: ALLOW, referrerPolicy: "no-referrer" });
  const link = new PhoneLink(iframe, url.origin);
  const reload = h("button", { type: "button", onclick: () => ((silent.hidden = true), (iframe.src = url.href)) }, "Load it again");
  const silent = h(
    "div.silent",
    { hidden: true, role: "alert" },
    h("h2", {}, "The phone does not answer"),
    h("p", {}, "Your phone session may be over, or the phone system may be down. Your customers and notes are safe."),
    h("button.primary", { type: "button", onclick: again }, "Log in again"),
    reload,
  );
  const element = h("aside.dock", { id: "phone", "aria-label": "Phone" }, silent, iframe);
  const toggle = h("button.quiet", { type: "button", "aria-controls": "phone", onclick: () => show(!open) }, icon("dock"), h("span", {}, "Phone"));
  let open = remembered();
  link.on("silent", () => {
    silent.hidden = false;
    show(true);
  });
  link.on("ready", () => (silent.hidden = true));
  show(open);
  iframe.src = url.href;

  function show(wanted) {
    open = wanted;
    element.classList.toggle("closed", !open);
    element.inert = !open;
    toggle.setAttribute("aria-expanded", String(open));
    try {
      localStorage.setItem(OPEN, open ? "yes" : "no");
    } catch {
      // As above.
    }
  }

  return { element, toggle, link, show };
}
