import CMarkdown
import NIOConcurrencyHelpers

/// Markdown as parsed by cmark-gfm: CommonMark with tables, strikethrough, task lists and bare links. Holds nothing of
/// the library.
struct MarkdownDocument: Sendable {
    let source: MarkdownSource
    /// The nodes in the order of the source, without the root.
    let events: [MarkdownEvent]

    /// nil for a text that ``MarkdownBounds`` excludes: too long, or with too many nested markers.
    init?(_ markdown: String) {
        let source = MarkdownSource(markdown)
        guard let extensions = MarkdownBounds.extensions(for: source) else { return nil }
        self.source = source
        events = Self.read(source.bytes, extensions)
    }

    /// cmark-gfm stores the special characters of its extensions in global tables that each parse fills and empties
    /// (`cmark_manage_extensions_special_characters`), so only one thread may parse at a time. The value is whether the
    /// extensions are registered.
    private static let parsing = NIOLockedValueBox(false)

    private static func read(_ bytes: [UInt8], _ extensions: [String]) -> [MarkdownEvent] {
        let root = parsing.withLockedValue { isRegistered -> OpaquePointer? in
            if !isRegistered {
                cmark_gfm_core_extensions_ensure_registered()
                isRegistered = true
            }
            guard let parser = cmark_parser_new(CInt(CMD_FULL_INFO_STRING)) else { return nil }
            defer { cmark_parser_free(parser) }
            for name in extensions {
                if let found = cmark_find_syntax_extension(name) {
                    cmark_parser_attach_syntax_extension(parser, found)
                }
            }
            bytes.withUnsafeBytes { buffer in
                guard let start = buffer.baseAddress else { return }
                cmark_parser_feed(parser, start.assumingMemoryBound(to: CChar.self), buffer.count)
            }
            return cmark_parser_finish(parser)
        }
        guard let root else { return [] }
        defer { cmark_node_free(root) }
        cmark_consolidate_text_nodes(root)
        return walk(root)
    }

    /// Uses the library's iterator, which does not recurse.
    private static func walk(_ root: OpaquePointer) -> [MarkdownEvent] {
        guard let iterator = cmark_iter_new(root) else { return [] }
        defer { cmark_iter_free(iterator) }
        var events: [MarkdownEvent] = []
        while true {
            let step = cmark_iter_next(iterator)
            guard step != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { break }
            if node == root { continue }
            events.append(event(of: node, leaving: step == CMARK_EVENT_EXIT))
        }
        return events
    }

    private static func event(of node: OpaquePointer, leaving: Bool) -> MarkdownEvent {
        let kind = kind(of: node)
        var text = ""
        switch kind {
        case .link, .image: text = cmark_node_get_url(node).map { String(cString: $0) } ?? ""
        case .text, .code, .html, .codeBlock, .htmlBlock:
            text = cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
        default: break
        }
        return MarkdownEvent(
            step: leaving ? .leave : isLeaf(kind) ? .leaf : .enter, kind: kind, text: text,
            line: Int(cmark_node_get_start_line(node)), column: Int(cmark_node_get_start_column(node)),
            endLine: Int(cmark_node_get_end_line(node)), endColumn: Int(cmark_node_get_end_column(node)))
    }

    /// The kinds of which the iterator returns no exit event.
    private static func isLeaf(_ kind: MarkdownEvent.Kind) -> Bool {
        switch kind {
        case .codeBlock, .htmlBlock, .rule, .text, .code, .html, .softBreak, .hardBreak: true
        default: false
        }
    }

    private static func kind(of node: OpaquePointer) -> MarkdownEvent.Kind {
        switch cmark_node_get_type(node) {
        case CMARK_NODE_BLOCK_QUOTE: .quote
        case CMARK_NODE_LIST:
            .list(
                start: cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
                    ? Int(cmark_node_get_list_start(node)) : nil)
        case CMARK_NODE_ITEM: .item(checked: checked(node))
        case CMARK_NODE_PARAGRAPH: .paragraph
        case CMARK_NODE_HEADING: .heading
        case CMARK_NODE_CODE_BLOCK: .codeBlock(fence: fence(of: node))
        case CMARK_NODE_HTML_BLOCK: .htmlBlock
        case CMARK_NODE_THEMATIC_BREAK: .rule
        case CMARK_NODE_TEXT: .text
        case CMARK_NODE_CODE: .code
        case CMARK_NODE_HTML_INLINE: .html
        case CMARK_NODE_SOFTBREAK: .softBreak
        case CMARK_NODE_LINEBREAK: .hardBreak
        case CMARK_NODE_EMPH: .emphasis
        case CMARK_NODE_STRONG: .strong
        case CMARK_NODE_LINK: .link
        case CMARK_NODE_IMAGE: .image
        default: extensionKind(of: node)
        }
    }

    /// The node types of extensions get their numbers at registration; only their names are fixed.
    private static func extensionKind(of node: OpaquePointer) -> MarkdownEvent.Kind {
        switch cmark_node_get_type_string(node).map({ String(cString: $0) }) {
        case "table": .table
        case "table_header", "table_row": .row
        case "table_cell": .cell
        case "strikethrough": .strike
        default: .other
        }
    }

    private static func checked(_ node: OpaquePointer) -> Bool? {
        guard cmark_node_get_type_string(node).map({ String(cString: $0) }) == "tasklist" else { return nil }
        return cmark_gfm_extensions_get_tasklist_item_checked(node)
    }

    /// The fence characters of a code block; nil for an indented one.
    private static func fence(of node: OpaquePointer) -> String? {
        var (length, offset, character) = (CInt(0), CInt(0), CChar(0))
        guard cmark_node_get_fenced(node, &length, &offset, &character) != 0 else { return nil }
        return String(repeating: character == CChar(UInt8(ascii: "~")) ? "~" : "`", count: Int(length))
    }
}
