/// One step of a walk over a document's nodes.
struct MarkdownEvent: Sendable, Hashable {
    /// Whether a node begins or ends.
    enum Step: Sendable, Hashable {
        /// A node with children begins.
        case enter
        /// A node with children ends.
        case leave
        /// A node without children.
        case leaf
    }

    /// The kind of node, named as in CommonMark and GFM.
    enum Kind: Sendable, Hashable {
        case quote
        /// `start` is the first number; nil for bullets.
        case list(start: Int?)
        /// `checked` is nil for an item that is no task.
        case item(checked: Bool?)
        case paragraph
        case heading
        /// `fence` is the opening fence without info string, such as `~~~~`; nil for indented code.
        case codeBlock(fence: String?)
        case htmlBlock
        case rule
        case table
        case row
        case cell

        case text
        case code
        case html
        case softBreak
        case hardBreak
        case emphasis
        case strong
        case strike
        case link
        case image
        /// Any other kind; its children have events of their own.
        case other
    }

    var step: Step
    var kind: Kind
    /// Text of a leaf with entities and escapes resolved; address of a link or image; else empty.
    var text: String
    /// Start of the node, from 1; 0 when unknown. For blocks the line is exact, except that a table directly after a
    /// paragraph's lines has the paragraph's line. Columns are in bytes: exact for blocks, and for inline nodes only in
    /// the first line of a paragraph.
    var line: Int
    var column: Int
    /// End of the node, inclusive; correct for inline nodes only.
    var endLine: Int
    var endColumn: Int
}
