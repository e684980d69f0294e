import { makeStyles } from "@fluentui/react-components";
import { VideoStreamRenderer, type LocalVideoStream, type RemoteVideoStream, type TogetherModeVideoStream } from "@anteroom/calling";
import { useEffect, useRef } from "react";

const useStyles = makeStyles({
  box: { position: "absolute", inset: 0, overflow: "hidden", "& > div": { width: "100%", height: "100%" } },
});

/** Shows one stream for as long as it is on the page; the renderer and its subscription live and end with the component. */
export function VideoView({ stream, fit, mirrored }: { stream: LocalVideoStream | RemoteVideoStream | TogetherModeVideoStream; fit?: boolean; mirrored?: boolean }) {
  const styles = useStyles();
  const box = useRef<HTMLDivElement>(null);
  const scalingMode = fit === true ? "Fit" : "Crop";
  const isMirrored = mirrored === true;
  useEffect(() => {
    const host = box.current;
    if (host === null) {
      return;
    }
    const renderer = new VideoStreamRenderer(stream);
    renderer.createView({ scalingMode, isMirrored }).then(
      (view) => {
        host.append(view.target);
      },
      () => {
        // The stream ended before its view was made; the avatar behind stays.
      },
    );
    return () => {
      renderer.dispose();
    };
  }, [stream, scalingMode, isMirrored]);
  return <div ref={box} className={styles.box} aria-hidden="true" />;
}
