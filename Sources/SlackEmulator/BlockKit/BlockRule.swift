import Bridge

/// What a member of a block, element or object may hold.
indirect enum BlockRule: Sendable {
    case string(min: Int = 0, max: Int)
    case oneOf([String])
    case bool
    case number
    /// A text object; `plain` admits `plain_text` only.
    case text(plain: Bool, max: Int)
    /// An object with exactly these members.
    case object(BlockShape)
    /// An object with a `type` out of these shapes.
    case typed([String: BlockShape])
    case list(min: Int = 1, max: Int, of: BlockRule)
    /// Rich text: its elements are checked for their types only.
    case richText
    case any
}
