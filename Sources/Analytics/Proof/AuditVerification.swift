/// The result of checking the audit log against its proof.
package struct AuditVerification: Sendable {
    /// The most findings that are kept; ``omitted`` counts the others.
    static let mostFindings = 1000

    /// Days with rows, and rows that were read.
    package internal(set) var days = 0
    package internal(set) var rows = 0
    /// Rows whose personal text was deleted.
    package internal(set) var forgotten = 0
    /// Rows and whole days that the retention removed, with a signed record.
    package internal(set) var removedRows = 0
    package internal(set) var removedDays = 0
    /// Rows that have no position yet: nothing is proved about them.
    package internal(set) var unsealed = 0
    /// The number of days by the id of the key that signed their heads.
    package internal(set) var keys: [String: Int] = [:]
    /// The newest head; nil for an empty chain.
    package internal(set) var lastHead: AuditHead?
    package private(set) var findings: [AuditFinding] = []
    /// The number of findings beyond those that are kept.
    package private(set) var omitted = 0

    /// Whether everything fits.
    package var isFine: Bool { findings.isEmpty }

    mutating func add(_ found: [AuditFinding]) {
        for finding in found {
            if findings.count < Self.mostFindings {
                findings.append(finding)
            } else {
                omitted += 1
            }
        }
    }
}
