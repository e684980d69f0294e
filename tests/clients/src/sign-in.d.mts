/** Types of `sign-in.mjs` for tests in TypeScript. */
interface Account {
  userPrincipalName: string;
  password: string;
}

export function signIn(authorizeUrl: string, account: Account, redirectUri: string): Promise<URL>;
export function decideDevice(verificationUri: string, userCode: string, account: Account, decision?: string): Promise<void>;
