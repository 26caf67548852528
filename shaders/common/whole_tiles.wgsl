// Tiles in workgroup memory as they are read.
alias Kept = vec4f;

fn keep(four: vec4f) -> Kept {
  return four;
}

fn kept(four: Kept) -> vec4f {
  return four;
}
