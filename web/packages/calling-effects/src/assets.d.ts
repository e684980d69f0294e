// Modules that the build makes (assets.mjs): bytes as base64 text, and scripts as text.
declare module 'asset:*' {
  const base64: string;
  export default base64;
}
declare module 'script:*' {
  export const text: string;
}
