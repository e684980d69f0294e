/** What a browser writes as an error by itself about the network. */

/** Resources and sockets that failed: to be expected only of people from whom the network is taken away or to whom something is refused. */
export const OF_THE_BROWSER = /^(Failed to load resource|WebSocket connection to)/;
