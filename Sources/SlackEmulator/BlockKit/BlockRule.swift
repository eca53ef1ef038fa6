import Bridge

/// What a member of a block, element or composition object may hold.
indirect enum BlockRule: Sendable {
    /// A string; lengths in characters.
    case string(min: Int = 0, max: Int)
    case oneOf([String])
    case bool
    case number
    /// A text object; with `plain` only `plain_text` is allowed.
    case text(plain: Bool, max: Int)
    /// An object with the members of this shape and no others.
    case object(BlockShape)
    /// An object whose `type` selects one of these shapes.
    case typed([String: BlockShape])
    case list(min: Int = 1, max: Int, of: BlockRule)
    /// The elements of rich text; only their types are checked.
    case richText
    case any
}
