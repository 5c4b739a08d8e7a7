// A field for one line of text with its label and its hint, in a form that has just opened: it has the
// focus at once.
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface LineFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly isWrong?: boolean; // where it can be: then the hint says why
  readonly maxLength: number;
  readonly text: string;
  readonly onText: (text: string) => void;
}

export function LineField(props: LineFieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <>
      <label class="label" for={id}>
        {props.label}
      </label>
      <input
        id={id}
        ref={field}
        class="field"
        type="text"
        autocomplete="off"
        dir="auto"
        maxLength={props.maxLength}
        value={props.text}
        aria-invalid={props.isWrong}
        aria-describedby={`${id}-hint`}
        onInput={(e) => props.onText(e.currentTarget.value)}
      />
      <p
        class={props.isWrong ? "hint hint-warn" : "hint"}
        id={`${id}-hint`}
        role={props.isWrong === undefined ? undefined : "status"}
      >
        {props.hint}
      </p>
    </>
  );
}
