/** Starts the page. What it shows is decided in `app.tsx`; its first line of configuration is `public/fabric-config.js`. */
import { createRoot } from 'react-dom/client';

import { keyOf } from './api';
import { App } from './app';
import { registerPictures } from './clinic';

registerPictures();
const element = document.getElementById('root');
if (element === null) throw new Error('the page has no #root');
createRoot(element).render(<App visitKey={keyOf(new URLSearchParams(location.search))} />);
