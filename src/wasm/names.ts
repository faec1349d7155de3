/** Custom section that holds the manifest. */
export const MANIFEST_SECTION = 'tapline.manifest';
