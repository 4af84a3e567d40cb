export { type Edit, type EditOptions, editYaml } from './edit-yaml.ts';
export { YamlEditError, type YamlEditErrorCode } from './error.ts';
