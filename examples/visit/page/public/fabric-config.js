// Before anything else on the page: without addresses the component library fetches no fonts and no icons from anywhere.
globalThis.FabricConfig = { fontBaseUrl: '', iconBaseUrl: '' };
