import type { VideoDeviceInfo } from "@anteroom/calling";
import { Avatar, Button, Field, makeStyles, mergeClasses, Select, Text, tokens, Tooltip } from "@fluentui/react-components";
import { MicOffRegular, MicRegular, VideoOffRegular, VideoRegular } from "@fluentui/react-icons";
import { useStore } from "../base/use-store";
import { VideoView } from "../call/VideoView";
import type { DevicesModel } from "./devices-model";
import { LevelMeter } from "./LevelMeter";

const useStyles = makeStyles({
  preview: {
    position: "relative",
    aspectRatio: "16 / 9",
    width: "100%",
    borderRadius: tokens.borderRadiusXLarge,
    overflow: "hidden",
    backgroundColor: "#1b2624",
    color: "#fff",
    display: "grid",
    placeItems: "center",
  },
  off: { display: "flex", flexDirection: "column", gap: "12px", alignItems: "center", padding: "16px", textAlign: "center", paddingBottom: "64px" },
  bar: { position: "absolute", left: 0, right: 0, bottom: "14px", display: "flex", justifyContent: "center", gap: "12px" },
  toggle: {
    backgroundColor: "rgba(0, 0, 0, 0.55)",
    color: "#fff",
    border: "1px solid rgba(255, 255, 255, 0.25)",
    ":hover": { backgroundColor: "rgba(0, 0, 0, 0.7)", color: "#fff" },
    ":hover:active": { backgroundColor: "rgba(0, 0, 0, 0.8)", color: "#fff" },
  },
  offToggle: { backgroundColor: "#b3392f", ":hover": { backgroundColor: "#9c2f26" }, ":hover:active": { backgroundColor: "#86271f" } },
  meter: { position: "absolute", right: "14px", top: "14px" },
});

/** The camera's picture with switches for camera and microphone. */
export function Preview({ devices, name }: { devices: DevicesModel; name: string }) {
  const styles = useStyles();
  const state = useStore(devices.state);
  const camera = state.cameraOn ? "Turn the camera off" : "Turn the camera on";
  const microphone = state.microphoneOn ? "Mute" : "Unmute";
  return (
    <div className={styles.preview} data-testid="preview">
      {state.preview === undefined ? (
        <div className={styles.off}>
          <Avatar name={name === "" ? undefined : name} size={72} color="brand" aria-hidden="true" />
          <Text>{whyNoPicture(state)}</Text>
        </div>
      ) : (
        <VideoView stream={state.preview} mirrored />
      )}
      <div className={styles.meter}>
        <LevelMeter level={devices.level} on={state.microphoneOn} />
      </div>
      <div className={styles.bar}>
        <Tooltip content={microphone} relationship="label">
          <Button
            shape="circular"
            size="large"
            className={mergeClasses(styles.toggle, !state.microphoneOn && styles.offToggle)}
            aria-pressed={state.microphoneOn}
            data-testid="preview-mic"
            disabled={state.allowed?.audio === false}
            icon={state.microphoneOn ? <MicRegular /> : <MicOffRegular />}
            onClick={() => {
              devices.setMicrophone(!state.microphoneOn);
            }}
          />
        </Tooltip>
        <Tooltip content={camera} relationship="label">
          <Button
            shape="circular"
            size="large"
            className={mergeClasses(styles.toggle, !state.cameraOn && styles.offToggle)}
            aria-pressed={state.cameraOn}
            data-testid="preview-camera"
            disabled={state.allowed?.video === false}
            icon={state.cameraOn ? <VideoRegular /> : <VideoOffRegular />}
            onClick={() => {
              devices.setCamera(!state.cameraOn);
            }}
          />
        </Tooltip>
      </div>
    </div>
  );
}

function whyNoPicture(state: { allowed: { video: boolean } | undefined; cameraOn: boolean; cameraProblem: string; cameras: readonly unknown[] }): string {
  if (state.cameraProblem !== "") {
    return state.cameraProblem;
  }
  if (state.allowed === undefined) {
    return "Allow the browser to use your camera and microphone.";
  }
  if (!state.allowed.video) {
    return "The browser does not let this page use a camera. You can join without.";
  }
  return state.cameras.length === 0 ? "No camera was found. You can join without." : state.cameraOn ? "" : "Your camera is off.";
}

/** Menus for camera, microphone and speaker; those that offer no choice are left out. A running call is told of the camera. */
export function DevicePickers({ devices, cameraChosen }: { devices: DevicesModel; cameraChosen?: (camera: VideoDeviceInfo) => void }) {
  const state = useStore(devices.state);
  const chooseCamera = (id: string) => {
    const camera = state.cameras.find((device) => device.id === id);
    if (camera !== undefined) {
      void devices.chooseCamera(id);
      cameraChosen?.(camera);
    }
  };
  return (
    <>
      <Picker label="Camera" testId="camera-select" list={state.cameras} value={state.cameraId} choose={chooseCamera} />
      <Picker label="Microphone" testId="microphone-select" list={state.microphones} value={state.microphoneId} choose={(id) => void devices.chooseMicrophone(id)} />
      <Picker label="Speaker" testId="speaker-select" list={state.speakers} value={state.speakerId} choose={(id) => void devices.chooseSpeaker(id)} />
    </>
  );
}

function Picker(props: {
  label: string;
  testId: string;
  list: readonly { id: string; name: string }[];
  value: string | undefined;
  choose: (id: string) => void;
}) {
  if (props.list.length === 0) {
    return null;
  }
  return (
    <Field label={props.label} size="small">
      <Select
        data-testid={props.testId}
        value={props.value ?? ""}
        onChange={(_, { value }) => {
          props.choose(value);
        }}
      >
        {props.list.map((device, index) => (
          <option key={device.id} value={device.id}>
            {device.name === "" ? `${props.label} ${String(index + 1)}` : device.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
