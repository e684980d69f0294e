/** Version of this SDK, as in package.json; a test keeps them equal. */
export const VERSION = '1.40.100';
