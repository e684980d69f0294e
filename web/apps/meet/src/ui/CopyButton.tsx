import { Button, type ButtonProps } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { useAnnounce } from "./announcer";

/** Copies a text and says so, to eyes and to screen readers. */
export function CopyButton(props: { text: string; label: string; done: string; testId?: string; iconOnly?: boolean; appearance?: ButtonProps["appearance"] }) {
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => {
      setCopied(false);
    }, 2500);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const copy = () => {
    void copyText(props.text).then((worked) => {
      setCopied(worked);
      announce(worked ? props.done : "Copying is not allowed here. Select the text and copy it.");
    });
  };
  return (
    <Button
      appearance={props.appearance ?? "secondary"}
      data-testid={props.testId}
      icon={copied ? <CheckmarkRegular /> : <CopyRegular />}
      title={props.iconOnly === true ? props.label : undefined}
      aria-label={props.label}
      onClick={copy}
    >
      {props.iconOnly === true ? undefined : copied ? "Copied" : props.label}
    </Button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
