/**
 * Breakout rooms for those who manage them: plan and open, then watch over them and close.
 * Not here: the draft (`breakout-plan.ts`), the requests (`feature-actions.ts`), what people in rooms see (`BreakoutPrompt.tsx`, `MeetingHeader.tsx`).
 */
import { Dialog, DialogSurface } from "@fluentui/react-components";
import { useState } from "react";
import { firstDraft } from "./breakout-plan";
import { BreakoutPlanForm } from "./BreakoutPlanForm";
import { BreakoutRun } from "./BreakoutRun";
import type { CallModel } from "./call-model";
import type { CallView } from "./view";

export function BreakoutDialog({ call, view, close }: { call: CallModel; view: CallView; close: () => void }) {
  const open = view.breakout.rooms.some((room) => room.open);
  const [draft, setDraft] = useState(() => firstDraft(view.people.filter(({ role }) => role === "attendee" || role === "presenter").map(({ id }) => id)));
  return (
    <Dialog
      open
      onOpenChange={(_, data) => {
        if (!data.open) {
          close();
        }
      }}
    >
      <DialogSurface data-testid="rooms-dialog">
        {open ? <BreakoutRun call={call} view={view} close={close} /> : <BreakoutPlanForm call={call} view={view} draft={draft} change={setDraft} close={close} />}
      </DialogSurface>
    </Dialog>
  );
}
