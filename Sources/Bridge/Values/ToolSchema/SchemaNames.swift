/// The names of properties for a model: the tool's own where the API accepts it, else one that it accepts, unique in the
/// whole schema.
struct SchemaNames {
    /// Names that stand in the schema, which no other property gets.
    private var taken: Set<String>
    private var told: [String: String] = [:]
    private var numbers: [String: Int] = [:]
    /// By the name that was given, the tool's own.
    private(set) var renamed: [String: String] = [:]

    private static let longest = 64

    /// - Parameter taken: all keys of the schema.
    init(taken: Set<String>) { self.taken = taken }

    /// `[a-zA-Z0-9_.-]{1,64}`.
    static func isAllowed(_ name: String) -> Bool {
        1...longest ~= name.utf8.count && name.unicodeScalars.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "-": true
        default: false
        }
    }

    /// The name for a model; the same for the same name.
    mutating func told(_ name: String) -> String {
        if Self.isAllowed(name) { return name }
        if let known = told[name] { return known }
        let plain = name.unicodeScalars.prefix(Self.longest).map { Self.isAllowed($0) ? Character($0) : "_" }
        let base = plain.isEmpty ? "_" : String(plain)
        var candidate = base
        var number = numbers[base] ?? 2
        while taken.contains(candidate) {
            let suffix = "_\(number)"
            candidate = String(base.prefix(Self.longest - suffix.count)) + suffix
            number += 1
        }
        numbers[base] = number
        taken.insert(candidate)
        told[name] = candidate
        renamed[candidate] = name
        return candidate
    }
}
