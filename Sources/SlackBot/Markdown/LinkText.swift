import Foundation

/// The text of a link as a person reads it.
struct LinkText {
    /// The names that look like hosts, in lower case, for each word of the text that has one; nil for a text that is
    /// too long to be looked at.
    private let hosts: [[String]]?

    init(_ text: String) {
        guard text.utf8.count <= 2_000 else {
            hosts = nil
            return
        }
        // Letters that look alike in a host's place, such as full-width ones, are read as what they look like.
        let plain = text.precomposedStringWithCompatibilityMapping.lowercased().replacing("。", with: ".")
        let visible = String(String.UnicodeScalarView(plain.unicodeScalars.filter { !Self.isInvisible($0) }))
        hosts = visible.split(whereSeparator: \.isWhitespace).map(Self.hosts).filter { !$0.isEmpty }
    }

    /// Whether a word shows a host that is neither `host` nor a domain that it belongs to; true for a text that is too
    /// long. What follows the host in a word, as in `acme.example/index.html`, is its path.
    func shows(anotherHostThan host: String) -> Bool {
        guard let hosts else { return true }
        return hosts.contains { names in
            names.first.map { host != $0 && !host.hasSuffix(".\($0)") && "www.\(host)" != $0 } ?? false
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .privateUse
    }

    private static func hosts(in word: Substring) -> [String] {
        word.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
            .map { name in
                let start = name.drop { $0 == "." }
                return start.last == "." ? start.dropLast() : start
            }
            .filter(isHost).map(String.init)
    }

    private static func isHost(_ name: Substring) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, !labels.contains(""), let last = labels.last else { return false }
        let isAddress = labels.count == 4 && labels.allSatisfy { $0.allSatisfy(\.isNumber) }
        return isAddress || last.hasPrefix("xn--") || (last.count > 1 && last.allSatisfy(\.isLetter))
    }
}
