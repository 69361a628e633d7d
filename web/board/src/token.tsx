/** Asks for the tenant's API token. It is kept in this tab only and goes when the tab is closed. */

import { useState } from "preact/hooks";

interface TokenFormProps {
  rejected: boolean;
  use: (token: string) => void;
}

export function TokenForm({ rejected, use }: TokenFormProps) {
  const [token, setToken] = useState("");
  const clean = token.trim();
  const fits = /^[\w.~-]+$/.test(clean);
  return (
    <main class="still">
      <h1>Live board</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) use(clean);
        }}
      >
        <label for="token">API token of the tenant</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token}
          aria-describedby="about"
          aria-invalid={rejected}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <button type="submit" disabled={!fits}>
          Show the board
        </button>
      </form>
      <p id="about">
        An administrator makes one with <code>callside token add</code> or <code>/v1/tokens</code>. This tab keeps it
        until it is closed; it can do all that the API can, so on a screen for everybody use one of its own and revoke
        it afterwards.
      </p>
      <div role="alert">
        {rejected && <p class="wrong">This token is not good (any more). It may have been revoked, or cut off.</p>}
      </div>
    </main>
  );
}
