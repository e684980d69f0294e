// For the tests: the plugin that makes the modules of assets.mjs.
export function viteAssets(): { name: string; resolveId(id: string): string | undefined; load(id: string): Promise<string | undefined> };
export function asset(name: 'kernels' | 'selfie-segmentation' | 'rnnoise'): Promise<string>;
