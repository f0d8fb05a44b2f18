/** The one channel of this page, and what the browser knows about the line. */

import { Channel } from "./channel.js";
import { claimTab } from "./tab.js";

export const channel = new Channel({
  url: `${location.origin.replace("http", "ws")}/socket`,
  socketClass: WebSocket,
  tab: () => claimTab({ storage: sessionStorage, locks: navigator.locks }),
});

/** Connects; called once, on a page whose visitor is signed in. */
export function start() {
  addEventListener("online", () => channel.nudge());
  document.addEventListener("visibilitychange", () => {
    // Hidden tabs run timers once a minute: whoever looks at the page again should not wait for one.
    if (document.visibilityState === "visible" && channel.state.state === "lost") channel.nudge();
  });
  void channel.start();
}
