/** The API server, for whoever runs it: main.ts alone, or an app that composes several. */
export { type ApiParts, startApi } from './app.ts';
export { type ApiSettings, settings } from './config.ts';
