import { describe, expect, it } from 'vitest';

import { Features, RecordingState } from '../src/index';
import { MEMBER, connectedCall, meeting, own, settle } from './harness';

describe('recording', () => {
  it('is told as it begins and ends, one object for each', async () => {
    const { call, socket } = await connectedCall();
    const recording = call.feature(Features.Recording);
    const seen: string[] = [];
    recording.on('isRecordingActiveChanged', () => seen.push(`active ${String(recording.isRecordingActive)}`));
    recording.on('recordingsUpdated', ({ added, removed }) => {
      for (const one of added) one.on('recordingStateChanged', () => seen.push(`state ${String(one.state)}`));
      seen.push(`added ${String(added.length)} removed ${String(removed.length)}`);
    });
    expect([recording.isRecordingActive, recording.recordings]).toEqual([false, []]);
    socket.event(2, { type: 'meeting', meeting: meeting({ recordings: [{ id: '1', by: MEMBER }] }) });
    const [first] = recording.recordings;
    expect(first?.state).toBe(RecordingState.Started);
    socket.event(3, { type: 'meeting', meeting: meeting({ recordings: [{ id: '1', by: MEMBER }], locked: true }) });
    expect(recording.recordings[0]).toBe(first);
    socket.event(4, { type: 'meeting', meeting: meeting() });
    expect(first?.state).toBe(RecordingState.Ended);
    expect(seen).toEqual(['added 1 removed 0', 'active true', 'state 3', 'added 0 removed 1', 'active false']);
  });

  it('that runs already is read at once', async () => {
    const { call } = await connectedCall({ meeting: meeting({ recordings: [{ id: '1', by: MEMBER }], transcribing: true }) });
    expect(call.feature(Features.Recording).isRecordingActive).toBe(true);
    expect(call.feature(Features.Transcription).isTranscriptionActive).toBe(true);
  });

  it('asks for consent, each feature for its own', async () => {
    const { call, socket } = await connectedCall({ own: own({ recordingConsentRequired: true }) });
    const recording = call.feature(Features.Recording);
    const transcription = call.feature(Features.Transcription);
    expect([recording.isTeamsConsentRequired, transcription.isTeamsConsentRequired]).toEqual([true, false]);
    const granting = recording.grantTeamsConsent();
    await settle();
    const asked = socket.last('grantConsent');
    expect(asked.body).toEqual({ type: 'grantConsent', recording: true, transcription: false });
    socket.reply(asked.id, { type: 'done' });
    await granting;
    socket.event(2, { type: 'own', own: own({ transcriptionConsentRequired: true }) });
    expect([recording.isTeamsConsentRequired, transcription.isTeamsConsentRequired]).toEqual([false, true]);
    void transcription.grantTeamsConsent().catch(() => undefined);
    await settle();
    expect(socket.last('grantConsent').body).toEqual({ type: 'grantConsent', recording: false, transcription: true });
  });
});

describe('transcription', () => {
  it('is told as it begins and ends', async () => {
    const { call, socket } = await connectedCall();
    const transcription = call.feature(Features.Transcription);
    const seen: boolean[] = [];
    transcription.on('isTranscriptionActiveChanged', () => seen.push(transcription.isTranscriptionActive));
    socket.event(2, { type: 'meeting', meeting: meeting({ transcribing: true }) });
    socket.event(3, { type: 'meeting', meeting: meeting({ transcribing: true, locked: true }) });
    socket.event(4, { type: 'meeting', meeting: meeting() });
    expect(seen).toEqual([true, false]);
  });

  it('and recording are begun by those who run the meeting, beyond the established surface', async () => {
    const { call, socket } = await connectedCall();
    void call.meeting?.setRecording(true).catch(() => undefined);
    void call.meeting?.setTranscription(true).catch(() => undefined);
    await settle();
    expect(socket.last('setRecording').body).toEqual({ type: 'setRecording', active: true });
    expect(socket.last('setTranscription').body).toEqual({ type: 'setTranscription', active: true });
  });
});
