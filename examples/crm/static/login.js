// The login page. What an agent can log in to is asked of the phone system as soon as the agent's name is there.

import { post } from "./api.js";
import { h, icon } from "./dom.js";

const KINDS = [
  ["AUTO", "Incoming", "Calls come to you from a queue.", "Queue"],
  ["PROGRESSIVE", "Dialer", "The dialer calls your list, one after the other.", "Campaign"],
  ["MANUAL", "By hand", "You click a number and it is dialed.", "Campaign"],
];

/** Show the page in `root`; `entered(me)` is called after a login. `notice` says why the agent is here again. */
export function showLogin(root, notice, entered) {
  document.title = "Log in · Example Travel CRM";
  const username = h("input", { id: "username", name: "username", autocomplete: "username", required: true, maxLength: 80, spellcheck: false, autocapitalize: "none" });
  const password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true, maxLength: 256 });
  const assignment = h("select", { id: "assignment", disabled: true }, h("option", {}, "Enter your name"));
  const assignmentLabel = h("label", { htmlFor: "assignment" }, "Queue");
  const extension = h("select", { id: "extension" }, h("option", { value: "" }, "This browser"));
  const about = h("p.hint");
  const problem = h("p.problem", { role: "alert" });
  const submit = h("button.primary.wide", { type: "submit" }, "Log in");
  const kinds = h("fieldset.kinds", {}, h("legend", {}, "How do you work today?"), KINDS.map(kindChoice), about);
  const form = h(
    "form.card",
    { onsubmit },
    h("div.brand", {}, h("img", { src: "static/icon.svg", alt: "", width: 36, height: 36 }), h("div", {}, h("h1", {}, "Example Travel"), h("p.hint", {}, "Customer desk"))),
    notice && h("p.notice", { role: "status" }, notice),
    h("div.field", {}, h("label", { htmlFor: "username" }, "Agent name"), username),
    h("div.field", {}, h("label", { htmlFor: "password" }, "Password"), password),
    kinds,
    h("div.pair", {}, h("div.field", {}, assignmentLabel, assignment), h("div.field", {}, h("label", { htmlFor: "extension" }, "Phone"), extension)),
    problem,
    submit,
  );
  let asked = 0;
  let fetched = "";
  username.addEventListener("change", refresh);
  explain();
  root.replaceChildren(h("main.login", {}, form));
  username.focus();

  function kindChoice([value, words], index) {
    const input = h("input", { type: "radio", name: "kind", value, checked: index === 0, onchange: () => (explain(), refresh()) });
    return h("label", {}, input, h("span", {}, words));
  }

  function kind() {
    return form.querySelector("[name=kind]:checked")?.value ?? "AUTO";
  }

  function explain() {
    const [, , words, label] = KINDS.find(([value]) => value === kind());
    about.textContent = words;
    assignmentLabel.textContent = label;
  }

  /** Fill the choices. A slow answer to an earlier question must not overwrite a later one. */
  async function refresh() {
    const question = ++asked;
    const name = username.value.trim();
    if (!name) return;
    problem.textContent = "";
    fetched = "";
    try {
      const found = await post("choices", { username: name, loginType: kind() });
      if (question !== asked) return;
      offer(found);
      fetched = `${name} ${kind()}`;
    } catch (error) {
      if (question !== asked) return;
      assignment.disabled = true;
      assignment.replaceChildren(h("option", { value: "" }, "–"));
      problem.textContent = error.message;
    }
  }

  function offer({ assignments, extensions }) {
    const first = kind() === "AUTO" && assignments.length > 0 ? [h("option", { value: "" }, "All my queues")] : [];
    const none = assignments.length ? [] : [h("option", { value: "" }, "Nothing assigned to you")];
    assignment.replaceChildren(...first, ...none, ...assignments.map(({ id, name }) => h("option", { value: id }, name)));
    assignment.disabled = assignments.length === 0;
    const chosen = extension.value;
    extension.replaceChildren(
      h("option", { value: "" }, "This browser"),
      ...extensions.map(({ id, name }) => h("option", { value: id }, `Desk phone ${name}`)),
    );
    if (extensions.some(({ id }) => id === chosen)) extension.value = chosen;
  }

  async function onsubmit(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      // Browsers fill in names without a change event, and Enter may come before it.
      if (fetched !== `${username.value.trim()} ${kind()}`) await refresh();
      if (fetched) await enter();
    } finally {
      submit.disabled = false;
    }
  }

  async function enter() {
    problem.textContent = "";
    if (assignment.disabled) {
      problem.textContent = `No ${kind() === "AUTO" ? "queue" : "campaign"} of this kind is assigned to you. Choose another way to work, or ask your supervisor.`;
      return;
    }
    try {
      const { me } = await post("login", {
        username: username.value.trim(),
        password: password.value,
        loginType: kind(),
        assignment: assignment.value,
        assignmentName: assignment.selectedOptions[0]?.textContent ?? "",
        extension: extension.value,
      });
      entered(me);
    } catch (error) {
      problem.textContent = error.message;
      password.select();
    }
  }
}

export const loading = () => h("main.login", {}, h("p.hint", { role: "status" }, icon("clock"), " One moment…"));
