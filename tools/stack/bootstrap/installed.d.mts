export function whyInstall(wantedText: string, installedText: string | null): string | null;
