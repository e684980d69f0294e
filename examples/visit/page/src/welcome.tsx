/** The clinic's first page: whose visit this is, what will happen, and by which name the guest is known. */
import { useState } from 'react';
import type { ReactElement } from 'react';

export function Welcome({ title, onContinue }: { title: string; onContinue: (name: string) => void }): ReactElement {
  const [name, setName] = useState('');
  return (
    <form
      className="card"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onContinue(name.trim());
      }}
    >
      <h1>{title}</h1>
      <p className="proof">✓ The clinic has confirmed this appointment.</p>
      <ol className="steps">
        <li>Check your camera and microphone.</li>
        <li>Wait until somebody from the clinic lets you in.</li>
        <li>Talk, and write to each other beside the call.</li>
      </ol>
      <label className="field">
        Your name
        <input
          data-testid="visit-name"
          autoComplete="name"
          maxLength={80}
          required
          placeholder="As the clinic knows you"
          value={name}
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
      </label>
      <p>
        <button className="primary wide" type="submit" data-testid="visit-join">
          Continue
        </button>
      </p>
      <p className="quiet small">You need no account and install nothing.</p>
    </form>
  );
}
