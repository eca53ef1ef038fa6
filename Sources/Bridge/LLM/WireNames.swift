/// The names of tools in requests to a model: `server__tool`, with `_` for each character that providers do not allow,
/// at most 64 characters, unique, and the same for the same catalogue.
package struct WireNames: Sendable {
    private let toWire: [ToolName: String]
    private let fromWire: [String: ToolName]

    /// Assigns a name to each tool of a catalogue. Tools whose names would be equal get a number, in sorted order.
    package init(_ names: [ToolName]) {
        var toWire: [ToolName: String] = [:]
        var fromWire: [String: ToolName] = [:]
        for name in names.sorted() {
            let plain = Self.allowed("\(name.server)__\(name.tool)")
            var wire = String(plain.prefix(64))
            var number = 2
            while fromWire[wire] != nil {
                let suffix = "_\(number)"
                wire = String(plain.prefix(64 - suffix.count)) + suffix
                number += 1
            }
            toWire[name] = wire
            fromWire[wire] = name
        }
        self.toWire = toWire
        self.fromWire = fromWire
    }

    /// The name of a tool in requests; nil when the tool is not in the catalogue.
    package func wireName(of name: ToolName) -> String? { toWire[name] }
    /// The tool that a model means by a name; nil when there is none.
    package func tool(named wireName: String) -> ToolName? { fromWire[wireName] }

    /// The text with `_` for each character that providers do not allow in names and ids.
    static func allowed(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "_" })
    }
}
