/** The page to which silent answers are sent: hands them to the page that waits for them. */
import { broadcastResponseToMainFrame } from '@azure/msal-browser/redirect-bridge';

broadcastResponseToMainFrame().catch((error) => console.error(error));
