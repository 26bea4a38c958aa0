// With `noUncheckedIndexedAccess` a class that a module does not have is undefined.
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
