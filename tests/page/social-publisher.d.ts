// The vendored bundle has the types of the sources that it is made of.
export * from './client/index.ts';
