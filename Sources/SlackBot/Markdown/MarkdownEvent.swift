/// One step of a walk over a document's nodes, in the order of the source.
struct MarkdownEvent: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        /// A node with children begins.
        case enter
        /// A node with children ends.
        case leave
        /// A node without children.
        case leaf
    }

    enum Kind: Sendable, Hashable {
        case quote
        /// `start` is nil for bullets.
        case list(start: Int?)
        /// `checked` is nil for an item that is no task.
        case item(checked: Bool?)
        case paragraph
        case heading
        /// `fence` is the run that opened it, as `~~~~`; nil for indented code.
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
        /// A kind that nothing here knows; its children count.
        case other
    }

    var step: Step
    var kind: Kind
    /// What a leaf says, entities and escapes resolved; the address of a link or image.
    var text: String
    /// Where it begins, from 1; 0 when unknown. Of blocks the line is exact, but of a table after a paragraph's lines
    /// it is the paragraph's. Columns are bytes, exact for blocks; for inline nodes only in a paragraph's first line.
    var line: Int
    var column: Int
    /// Where it ends; right for inline nodes only.
    var endLine: Int
    var endColumn: Int
}
