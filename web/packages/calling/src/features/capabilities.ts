// Capabilities: what the own person may do, and why not. The server decides; this only tells.
// Invariant: every read is complete (25 names) and a fresh copy; the first change comes once, after the join.
import { capabilityChanges, capabilityRecord } from '../core/capabilities';
import type { MeetingMirror } from '../core/mirror';
import type { CapabilitiesChangeInfo, CapabilitiesFeature, ParticipantCapabilities } from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** Follows the capabilities of the own person. */
export class Capabilities extends Feature<{ capabilitiesChanged: (info: CapabilitiesChangeInfo) => void }> implements CapabilitiesFeature {
  readonly name = 'Capabilities';

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      this.compare(previous, next);
    });
  }

  get capabilities(): ParticipantCapabilities {
    return capabilityRecord(this.context.mirror.own?.capabilities);
  }

  private compare(previous: MeetingMirror, next: MeetingMirror): void {
    if (next.own === undefined || previous.own === next.own) return;
    const [before, after] = [capabilityRecord(previous.own?.capabilities), capabilityRecord(next.own.capabilities)];
    const roleChanged = previous.own?.role !== next.own.role;
    for (const change of capabilityChanges(before, after, roleChanged)) this.emit('capabilitiesChanged', change);
  }
}
