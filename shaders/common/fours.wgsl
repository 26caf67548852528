// Storage is read and written four numbers at a time.
alias Element = vec4f;
const ELEMENT = 4u;
