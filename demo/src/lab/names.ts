export type BackendChoiceName = 'cpu' | 'webgpu' | 'auto';
