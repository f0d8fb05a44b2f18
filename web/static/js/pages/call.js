/** The call's own address: takes the call up again. Back in the same seat after a reload, with nothing clicked. */

import { openCall } from "../call/open.js";
import { byId } from "../dom.js";

const { call = "", side } = byId("main", HTMLElement).dataset;
// Not awaited: the channel starts when all modules of the page stand.
void openCall({ call, side: side === "doctor" ? "doctor" : "worker" });
