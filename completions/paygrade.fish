# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_paygrade_global_optspecs
    string join \n target= config= catalog= store= o/output= json no-input yes n/dry-run q/quiet v/verbose color= as= ref= now= confirm-live= log-file= api-base= h/help V/version
end

function __fish_paygrade_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_paygrade_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_paygrade_using_subcommand
    set -l cmd (__fish_paygrade_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c paygrade -n "__fish_paygrade_needs_command" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_needs_command" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_needs_command" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_needs_command" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_needs_command" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_needs_command" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_needs_command" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_needs_command" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_needs_command" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_needs_command" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_needs_command" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_needs_command" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_needs_command" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_needs_command" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_needs_command" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_needs_command" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_needs_command" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_needs_command" -s V -l version -d 'Print version'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "alerts" -d 'Who is told what, and whether it got there'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "allow" -d 'Ask whether a customer may do something now'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "audit" -d 'The chain of what was done and posted, each row sealed over all before it'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "bench" -d 'Measure how fast each job runs here, beside other programs that do the same'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "catalog" -d 'Check and show the catalog file, or make one from what Stripe holds'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "credits" -d 'What customers may spend, and what became of it'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "customer" -d 'Who is billed'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "demo" -d 'Run the main job end to end on the local Stripe, in a folder of its own'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "doctor" -d 'Check everything that must hold: store, invariants, settings, key, account, clock'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "explain" -d 'Explain one customer: tier, limits, use, credits, deliveries, invoices, webhooks, and the first broken link'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "export" -d 'Export usage events, deliveries, the credits ledger, invoices, customers, findings, the audit chain, or all of it'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "init" -d 'Write paygrade.toml, catalog.toml and .gitignore into this folder'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "invoice" -d 'What Stripe bills, and drafts that are kept open'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "local" -d 'The local Stripe: serve it, look at it, move its clock, make it fail'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "man" -d 'Print the manual page (roff)'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "meter" -d 'Get recorded usage to Stripe\'s meters, exactly once in effect'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "reconcile" -d 'Compare what was recorded, what was sent and what Stripe counted'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "repair" -d 'Mend what `reconcile` found, as far as that is safe'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "report" -d 'What is sold, used and earned, over all customers; from the store alone'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "runs" -d 'What was done, by whom, and how it ended'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "seed" -d 'Make Stripe hold the catalog: products, prices, meters, features'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "status" -d 'Show what stands where: store, last runs, usage that is not at Stripe with its money, open findings'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "store" -d 'The store file, and which store sends usage'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "tick" -d 'Do everything that has to be done again and again: run it from cron every 10 minutes'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "tier" -d 'What is sold, and who is on it'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "usage" -d 'Record, import, show and void what customers used'
complete -c paygrade -n "__fish_paygrade_needs_command" -f -a "webhook" -d 'What Stripe tells: take events in, keep them, handle them'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -f -a "list" -d 'List notices, newest first, with where they were sent'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -f -a "run" -d 'Find what has to be told, write it down once, and send what is not sent yet'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and not __fish_seen_subcommand_from list run test" -f -a "test" -d 'Send a test message to every sink, or to one'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l customer -d 'About this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l kind -d 'Of this kind only, such as cap or payment_failed' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l audience -d 'For this audience only' -r -f -a "operator\t''
customer\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l since -d 'Written at this date or instant or later' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l limit -d 'Most notices to list' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l open -d 'Only what some sink has not got yet'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l retry -d 'Also send again what was given up, or may have arrived, in the last week'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l sink -d 'This sink only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand alerts; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l meter -d 'So many units of a meter' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l feature -d 'A feature of the tier' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l limit -d 'So many in all of what a limit counts' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l action -d 'An action, at its price in credits' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l credits -d 'So many credits' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand allow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -f -a "list" -d 'List rows of the chain, oldest first'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and not __fish_seen_subcommand_from list verify" -f -a "verify" -d 'Read the whole chain and name the first row that somebody changed'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l run -d 'Of this run only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l kind -d 'Of this kind only' -r -f -a "run\t''
assignment\t''
posting\t''
lot\t''
entry\t''
finding\t''
store\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l limit -d 'Most rows to list: the newest' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l pinned -d 'A hash that must be one of the chain\'s: 64 hexadecimal digits' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l against -d 'Which peers to run beside, where they are on this machine' -r -f -a "sqlite3\t'The sqlite3 shell'
duckdb\t'DuckDB: its shell, or else its Python package'
python\t'Python with its own csv and sqlite3 modules'
postgres\t'PostgreSQL with pgbench, for recording'"
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l rounds -d 'How often each contestant works' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l events -d 'Events of the largest file [default: 10000000, with --quick 100000]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l customers -d 'Customers [default: 2000, with --quick 50]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l dir -d 'Make the folder in this one, on the disk that is to be measured [default: the system\'s for temporary files]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l quick -d 'Small sizes: a look in about a minute. Goals are shown and not judged'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -f -a "check" -d 'Report every fault of the catalog file, offline'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -f -a "show" -d 'Show tiers with their terms'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -f -a "pull" -d 'Write a catalog file from what Stripe holds'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and not __fish_seen_subcommand_from check show pull templates" -f -a "templates" -d 'List the templates of `init`, or print one'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l out -d 'The file to write [default: standard output]; one that is there is written over with --yes only' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l namespace -d 'The namespace of our objects [default: that of the store, of the catalog file, or the only one in the account]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l adopt -d 'Take products that somebody made by hand: they get our marks and stay what they are'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from pull" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand catalog; and __fish_seen_subcommand_from templates" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "grant" -d 'Give credits to a customer'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "consume" -d 'Spend credits of a customer: all that are asked for, or none'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "hold" -d 'Reserve credits of a customer for a while: all that are asked for, or none'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "settle" -d 'Spend what a hold reserves, or a part of it: the rest is released'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "release" -d 'Make what a hold reserves available again'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "refund" -d 'Give back what a usage entry spent, once'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "revoke" -d 'Take credits back from a customer or from one lot'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "expire" -d 'Write off lots and release holds whose time is over'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "allocate" -d 'Post the credits that come with each month of a tier, where they are due'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "sell" -d 'Sell a pack of credits: on a hosted page, or by an invoice'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "stripe-grant" -d 'Give money at Stripe that is taken off metered bills'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "balance" -d 'Show what customers have'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and not __fish_seen_subcommand_from grant consume hold settle release refund revoke expire allocate sell stripe-grant balance history" -f -a "history" -d 'List a customer\'s entries, oldest first, or their sums'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l reason -d 'Why, for whoever reads the ledger later' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l kind -d 'Where the credits come from: it decides which are spent first' -r -f -a "bonus\t''
purchase\t''
refund\t''
opening\t''
trial\t''
subscription_allocation\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l expires -d 'When they end: a date, an instant, or a length of time such as "30 days" [default: never]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l key -d 'One effect for each key: the same call again gets the first answer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from grant" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l action -d 'What this action costs by the catalog that was applied last' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l key -d 'One effect for each key: the same call again gets the first answer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from consume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l action -d 'What this action costs by the catalog that was applied last' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l for -d 'How long, such as 90s, 15m, 2h, 3d' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l key -d 'One effect for each key: the same call again gets the first answer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from hold" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from settle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l reason -d 'Why, for whoever reads the ledger later' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l expires -d 'When the credits end [default: as those that were spent, or never where these are over]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from refund" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l lot -d 'From this lot' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for whoever reads the ledger later' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l key -d 'One effect for each key: the same call again gets the first answer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from expire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l all -d 'Everybody who is on a tier'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l in-doubt -d 'Those too that a ledger which was lost may have given: you say that it had not'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from allocate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l success-url -d 'Where the customer lands after paying on the hosted page; needed outside the local Stripe' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l days-until-due -d 'Days until the invoice is due' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l wait -d 'Wait so many seconds for the payment, then grant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l key -d 'One sale for each key: the same call again shows the same sale' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l checkout -d 'Paid on Stripe\'s hosted page'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l invoice -d 'Paid by an invoice'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from sell" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l category -d 'Whether it was paid for' -r -f -a "promotional\t''
paid\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l expires -d 'When it ends: a date, an instant, or a length of time such as "30 days" [default: never]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l reason -d 'Why, for whoever reads it later; its name in the Dashboard' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l key -d 'One grant for each key: the same call again gets the first answer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from stripe-grant" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from balance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l from -d 'From this date or instant on' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l to -d 'Before this date or instant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l group-by -d 'Sums instead of entries, by one or more of: kind, action, reason, ref, actor, month, day' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand credits; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -f -a "add" -d 'Make a customer at Stripe, or change one; the same again changes nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -f -a "list" -d 'List customers with what they are on'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -f -a "show" -d 'Show one customer, with every tier that it was on'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -f -a "import" -d 'Add the customers of a CSV file; importing it again changes nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -f -a "link" -d 'Take over a customer that Stripe has already'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and not __fish_seen_subcommand_from add list show import link prefs" -f -a "prefs" -d 'Say what a customer wants to be told, and where'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l email -d 'Address that invoices go to; needed for a new customer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l name -d 'Name for people' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l payment-method -d 'Attach this payment method and charge it by default (targets local and test)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l tier -d 'Only those on this tier' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l map -d 'Our columns (id, email, name) and the file\'s: ours=theirs[,...]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from link" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l mute -d 'Nothing of this kind any more (repeat it for several)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l unmute -d 'Of this kind again' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l only -d 'Nothing else than these kinds' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l email -d 'Where mail goes, instead of the billing address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l reset -d 'Everything again, at the billing address'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand customer; and __fish_seen_subcommand_from prefs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l keep -d 'Leave everything in this folder, which must not exist yet' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l offline -d 'Ask Stripe nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l offline -d 'Do not ask Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l out -d 'The file to write, readable by its owner only [default: standard output]; of `all` the folder, with a manifest' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l format -d 'The ledger as a journal of another accounting tool, which can check it' -r -f -a "hledger\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l meter -d 'Of this meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l from -d 'Not before this instant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l to -d 'Before this instant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l group-by -d 'Sums of usage in place of events, by any of customer, meter, action, user and one of hour, day, month (in UTC)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l columns -d 'Only these columns, in this order; what else a usage event has is not even read' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l pii -d 'Names and e-mail addresses of customers too; noted as a run'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l template -d 'Which catalog to start from' -r -f -a "overage\t''
payg-hybrid\t''
gateway\t''
credits\t''
seats\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l namespace -d 'The namespace that marks all objects in Stripe as yours [default: the template\'s]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -f -a "list" -d 'List invoices as Stripe has them, newest first'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -f -a "hold" -d 'Keep a draft open, so that usage that is on its way is still billed on it'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and not __fish_seen_subcommand_from list hold release" -f -a "release" -d 'Let Stripe go on with an invoice that was held'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l draft -d 'Drafts only'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l customer -d 'All drafts of this customer\'s subscriptions' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from hold" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l customer -d 'All drafts of this customer\'s subscriptions' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand invoice; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "serve" -d 'Run it as a server that other commands and official SDKs can use, until interrupted'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "status" -d 'Show account, clock, objects, settings and faults'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "advance" -d 'Let time pass: renewals, invoices and the like happen on the way'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "fault" -d 'Make requests fail on purpose'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "pay" -d 'Pay as the customer at a hosted page: a Checkout session, or an open invoice'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "deliver" -d 'Make webhook deliveries that are due, or have an event delivered again'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "endpoint" -d 'Show webhook endpoints, or make one'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and not __fish_seen_subcommand_from serve status advance fault pay deliver endpoint reset" -f -a "reset" -d 'Throw everything away and begin a new account'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l port -d 'Port on 127.0.0.1; 0 takes a free one' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l state -d 'State files begin with this path [default: .paygrade/local]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l to -d 'Freeze the clock at this instant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l by -d 'Freeze the clock so much later, such as 90m, 36h or 31d' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l real -d 'Let the clock run with the machine\'s'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from advance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l method -d 'Only requests with this method' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l path -d 'Only requests to this path; * stands for any text; `webhook:invoice.*` is a delivery of such an event [default: *; of lose- and fail-meter-event where meter events go]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l customer -d 'Only requests that name this cus_ id' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l event-name -d 'Only meter events of this name' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l identifier -d 'Only the meter event with this identifier' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l nth -d 'Meet the nth matching request first' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l times -d 'Meet so many requests' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l status -d 'Status of a refusal' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l code -d 'Stripe\'s error code of a refusal, or of what is wrong with a meter event' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l amount -d 'Milliseconds (delay, slow) or bytes (truncate)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l clear -d 'Remove all faults'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from fault" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l card -d 'Test card or payment method to pay with [default: pm_card_visa where anything is due]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l async -d 'The bank answers later; the session is complete and unpaid until then' -r -f -a "succeeded\t'The money arrives'
failed\t'It does not'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l after -d 'How much later [default: 1d]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l email -d 'E-mail address that a new customer types in' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l name -d 'Name that a new customer types in' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l code -d 'Promotion code that the customer types in' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from pay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l resend -d 'Queue this evt_ once more first, for every endpoint that wants its type' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from deliver" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l events -d 'Types of events, with commas between [default: all]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l remove -d 'Remove the endpoint with this we_ id' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from endpoint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand local; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -f -a "push" -d 'Form deliveries from recorded usage and send what is due'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -f -a "status" -d 'Show deliveries by meter and state, with the money of what is not at Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -f -a "retry" -d 'Send again, or move into the open period, what was rejected or came late'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -f -a "cancel" -d 'Take deliveries back at Stripe that it accepted within the last day'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -f -a "settle" -d 'Say of an unknown delivery whether Stripe has it'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and not __fish_seen_subcommand_from push status retry cancel settle list" -f -a "list" -d 'List deliveries'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l meter -d 'Of this meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l max -d 'Most deliveries to send' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l pace -d 'Most to send in a second, below Stripe\'s own limit, which always holds: leaves room for other programs' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from push" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l meter -d 'Of this meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l into-open-period -d 'Bill what came too late in the period that is open now'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l reason -d 'How you know, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from settle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l meter -d 'Of this meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l state -d 'In this state only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l limit -d 'Most deliveries to list' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand meter; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l period -d 'Which billing periods: current, last, or a month such as 2026-10 [default: those that changed]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l from -d 'From this minute on' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l to -d 'Up to this minute, exclusive' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l meter -d 'Of this meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l threshold -d 'Let a period pass whose difference is within so many percent of what Stripe accepted' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l floor -d 'Let a period pass whose difference is within so many units' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l by -d 'Compare every hour instead of the sum of each period: shows differences that cancel out' -r -f -a "period\t'The sum of each billing period'
hour\t'Every hour'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l through -d 'How far usage is followed: to Stripe\'s meters, or on to the lines of the invoices, of the last period that is over unless --period or --from and --to name another [default: both with --period last or a month that is over]' -r -f -a "meter\t'What Stripe counted'
invoice\t'What the invoices charge, and why the rest is not charged'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l max-calls -d 'Most calls to Stripe' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l full -d 'Every linked customer with every meter, also those without usage here; goes on where a run that stopped left off'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l restart -d 'With --full: begin anew where a run that stopped would be gone on with'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -f -a "usage" -d 'Usage, deliveries and Stripe\'s sums: what `reconcile` alone compares'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -f -a "tiers" -d 'Every customer both ways: tier, status, items, seats, periods, duplicate subscriptions'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -f -a "credits" -d 'The credits ledger: its sums, what is due and not posted, payments without grants and grants without payments'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -f -a "catalog" -d 'The catalog file and what is sold at Stripe, as `seed -n` shows it'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -f -a "all" -d 'Everything, in one table'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and not __fish_seen_subcommand_from usage tiers credits catalog all ack" -f -a "ack" -d 'Acknowledge a finding: it makes no exit code any more, as long as it stays the same'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l period -d 'Which billing periods: current, last, or a month such as 2026-10 [default: those that changed]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l from -d 'From this minute on' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l to -d 'Up to this minute, exclusive' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l meter -d 'Of this meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l threshold -d 'Let a period pass whose difference is within so many percent of what Stripe accepted' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l floor -d 'Let a period pass whose difference is within so many units' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l by -d 'Compare every hour instead of the sum of each period: shows differences that cancel out' -r -f -a "period\t'The sum of each billing period'
hour\t'Every hour'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l through -d 'How far usage is followed: to Stripe\'s meters, or on to the lines of the invoices, of the last period that is over unless --period or --from and --to name another [default: both with --period last or a month that is over]' -r -f -a "meter\t'What Stripe counted'
invoice\t'What the invoices charge, and why the rest is not charged'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l max-calls -d 'Most calls to Stripe' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l full -d 'Every linked customer with every meter, also those without usage here; goes on where a run that stopped left off'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l restart -d 'With --full: begin anew where a run that stopped would be gone on with'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from usage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from tiers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l customer -d 'Of this customer only, and of all time' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l since -d 'Payments that were begun at this instant or later [default: of ninety days]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from credits" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from catalog" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from all" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand reconcile; and __fish_seen_subcommand_from ack" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l customer -d 'Of this customer only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l plan-out -d 'Write the plan to this file; nothing is changed' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l plan -d 'Do exactly what this plan says, or nothing' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l correct -d 'Corrections in money too: usage billed in the open period, items on the next invoice'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -f -a "overview" -d 'Everything in a few lines: customers, revenue, usage, what failed and what ended'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -f -a "usage" -d 'Use by meter: within what is included, beyond it, its cost so far and at this pace'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -f -a "revenue" -d 'Recurring revenue and usage by tier, and what was invoiced in the last 30 days'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -f -a "upgrades" -d 'Who would pay less on another tier, and who comes near the end of what its tier includes'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -f -a "reprice" -d 'What recorded usage of a closed period would have cost under another catalog'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and not __fish_seen_subcommand_from overview usage revenue upgrades reprice html" -f -a "html" -d 'One page with everything: usage day by day, cost so far and at this pace, trend, revenue'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from overview" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l period -d 'Each customer\'s own billing period: current or last' -r -f -a "current\t''
last\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from usage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from revenue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from upgrades" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l period -d 'Each customer\'s own billing period: last or current' -r -f -a "last\t''
current\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from reprice" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l out -d 'The file to write, readable by its owner only' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand report; and __fish_seen_subcommand_from html" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -f -a "list" -d 'List runs, newest first'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and not __fish_seen_subcommand_from list show" -f -a "show" -d 'Show one run'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l command -d 'Of this command only, such as "meter push"' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l limit -d 'Most runs to list' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l fail-on -d 'Exit 4 when something of this cause is there (with -n) or left (after applying)' -r -f -a "pending\t'Edits of the catalog file that are not applied'
drift\t'Edits at Stripe'
any\t'Any difference, also what left the catalog'"
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l plan-out -d 'Write the plan to this file and change nothing' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l plan -d 'Apply exactly this plan; refused when Stripe has moved since' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l prune -d 'Archive what left the catalog (it is only listed otherwise)'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l adopt -d 'Take over objects that hold a key of the catalog but are not marked as ours'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand seed" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "info" -d 'Show what the store says of itself: the file, its schema, who sends, how much it holds, its last backup'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "backup" -d 'Copy the store into one file, proved before it gets its name'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "migrate" -d 'Bring a store that an earlier version wrote up to date'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "restore" -d 'Put a backup in the place of the store; nothing is sent from it until `store recover`'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "takeover" -d 'Make this store the one that sends, in the place of another'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "recover" -d 'After a takeover or a restore: read back what Stripe knows and holds already, and send again'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and not __fish_seen_subcommand_from info backup migrate restore takeover recover query" -f -a "query" -d 'Ask the store a question of your own in SQL'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l check -d 'Read the whole file and check its structure; `paygrade doctor` checks what it says as well'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l out -d 'Folder that it goes to; made when it is not there [default: backups beside the store, or the settings\']' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l keep -d 'Backups of this store that stay there, with the new one; older ones are removed [default: all, or the settings\']' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l out -d 'Folder that the backup goes to [default: as `store backup`]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l no-backup -d 'Make no backup, and try nothing on a copy: where there is no room for either'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l wait-s -d 'Seconds to wait; fewer only when no other store can be sending any more' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from takeover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l max-calls -d 'Most calls to Stripe: one for each customer and meter, one more for each of their days with usage, and the lists' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l limit -d 'Most rows to show' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand store; and __fish_seen_subcommand_from query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l only -d 'These steps only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l skip -d 'Not these steps' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l wait -d 'Wait so many seconds for a tick that is running' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l if-busy -d 'When another tick is running still: fail (exit 9), or skip this one (exit 0)' -r -f -a "fail\t'Exit 9'
skip\t'Exit 0, nothing done'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l prometheus -d 'Write metrics to this file, as the textfile collector of Prometheus reads them' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "assign" -d 'Put a customer on a tier; the same again changes nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "seats" -d 'Change how many seats a customer has'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "cancel" -d 'End a customer\'s subscription, at the end of its period unless said otherwise'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "resume" -d 'Undo a cancellation, or another tier, that waits for its day'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "migrate" -d 'Move subscribers to the terms that are sold now, both bills compared'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "override" -d 'Raise or lower a limit for one customer, until a day; or list what was agreed'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "list" -d 'List tiers with their subscribers'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and not __fish_seen_subcommand_from assign seats cancel resume migrate override list show" -f -a "show" -d 'Show one tier: its terms, prices and subscribers'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l interval -d 'How often the recurring price is charged [default: the customer\'s own, else the tier\'s first]' -r -f -a "month\t''
year\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l seats -d 'Seats [default: the customer\'s own, else the tier\'s fewest]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l payment-method -d 'Charge this payment method from now on' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l send-invoice -d 'Send invoices by mail, due after so many days' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l trial -d 'Begin with so many days of trial; 0 is none, also where the tier has one' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l coupon -d 'Redeem a coupon, or a promotion code as people type it' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l deal -d 'Terms that were agreed, on a custom tier: a file with the keys of a tier' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l amount -d 'The same in short: this amount for each interval' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l success-url -d 'Where the customer lands after paying; needed outside the local Stripe' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l cancel-url -d 'Where the page\'s way back leads' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l wait -d 'Wait so many seconds until the page is paid' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l at -d 'now, period-end, or a day such as 2026-12-31 [default: by the direction of the change]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l drain-timeout -d 'Wait so many seconds until Stripe shows the usage that is sent first' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l checkout -d 'Print a hosted page on which the customer subscribes, and return'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l forfeit -d 'Give up usage that is not at Stripe yet, after its money was named'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from assign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from seats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l at -d 'now, period-end, or a day such as 2026-12-31' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l drain-timeout -d 'Wait so many seconds until Stripe shows the usage that is sent first' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l forfeit -d 'Give up usage that is not at Stripe yet, after its money was named'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l from-revision -d 'Only subscribers of this revision, such as pro@3f2a9c01d4e5' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l at -d 'renewal, now, or a day such as 2026-12-31' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l only -d 'Nobody but the customers in this file, an own id a line' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l except -d 'Not the customers in this file' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l limit -d 'Move at most so many in this run' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l undo -d 'Take back what a run of this command did' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l until -d 'Until this day or instant, or for so long, such as "30 days" [default: until it is ended]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l end -d 'End what holds for this limit: the tier\'s own word counts again (repeat it for several)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l reason -d 'Why it was agreed; kept with it' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l all -d 'Also what no longer holds'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from override" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand tier; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -f -a "record" -d 'Record that a customer used something'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -f -a "import" -d 'Import usage from a CSV or NDJSON file, or from standard input'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -f -a "show" -d 'Show what customers used against what their tier includes'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and not __fish_seen_subcommand_from record import show void" -f -a "void" -d 'Void usage that should not have been recorded, by counter-entries'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l id -d 'Your id of the event; recording it again changes nothing' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l at -d 'When it happened [default: now]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l action -d 'The action that caused it' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l user -d 'The end user who caused it' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l enforce -d 'Refuse, and record nothing, where the tier does not allow it'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from record" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l map -d 'Which column is what: ours=theirs[,ours=theirs], with ours = id, time, quantity, customer, meter, action, user and theirs a name or a place such as #3' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l customer -d 'The customer of all rows' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l meter -d 'The meter of all rows' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l meters -d 'Several meters in each row: meter=column[,meter=column]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l tz -d 'Zone of times that name none, such as Europe/Berlin or +02:00 [default: UTC]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l delimiter -d 'What is between fields: one character, or tab [default: a comma; of .tsv files a tab]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l source -d 'What rows without ids come from; part of the ids that they get [default: the file\'s base name without .gz or .zst]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l on-error -d 'What to do with rows that cannot be read' -r -f -a "stop\t'Write nothing'
skip\t'Pass them over and import the others'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l rejects -d 'Write the rows that cannot be read to this file: line and reason' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l totals -d 'Rows are totals so far: customer, meter, hour (a whole UTC hour) and total; what is missing of each hour is recorded. All usage of a customer, meter and hour must then come this way'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l allow-lower -d 'With --totals: a total that is lower than what is recorded takes the difference back'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l meter -d 'This meter only' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l period -d 'current, last or a month such as 2026-10 [default: current]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l from -d 'Not before this instant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l to -d 'Before this instant' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l import -d 'All that this run recorded' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l meter -d 'The meter, where several have an event of that id' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand usage; and __fish_seen_subcommand_from void" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "listen" -d 'Take events in over HTTP, until interrupted'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "ingest" -d 'Take one event in from a file'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "backfill" -d 'Read from Stripe what happened: for machines that no webhook reaches, and for what was missed'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "process" -d 'Handle the events that wait'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "list" -d 'List events, newest first'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "show" -d 'Show one event: where it stands, what it did, what it said'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and not __fish_seen_subcommand_from listen ingest backfill process list show replay" -f -a "replay" -d 'Handle events once more; what they did already is not done twice'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l bind -d 'Address and port; port 0 takes a free one' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l path -d 'The one path that is answered' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l public -d 'Let other machines post here (with --bind 0.0.0.0:4242)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l process -d 'Handle events as they come'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from listen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l signature -d 'The value of its Stripe-Signature header' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l fetch -d 'Believe only the event\'s id, and read the event from Stripe: no signature is needed'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from ingest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l since -d 'What happened from this instant on [default: from where the last backfill ended; at first all of thirty days]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l process -d 'Then handle what waits'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from backfill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l max -d 'Most events' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from process" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l type -d 'Of this type; invoice.* is all of a kind' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l since -d 'That happened at this instant or later' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l customer -d 'Of this customer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l status -d 'That stand so: new, handling, failed, done, dead or ignored' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l limit -d 'Most events to list' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l types -d 'List the types that are handled, and what each does'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l raw -d 'Print the body as it came, and nothing else'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l type -d 'Of this type; invoice.* is all of a kind' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l since -d 'That happened at this instant or later' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l customer -d 'Of this customer' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l status -d 'That stand so: new, handling, failed, done, dead or ignored' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l reason -d 'Why, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l target -d 'Where calls go: local, test or live [default: local]' -r -f -a "local\t''
test\t''
live\t''"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l config -d 'Settings file [default: paygrade.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l catalog -d 'Catalog file [default: catalog.toml]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l store -d 'Store file [default: .paygrade/TARGET.db]' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -s o -l output -d 'Format of results' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON object'
ndjson\t'One JSON object a row'
csv\t'Comma-separated values with a header'
markdown\t'A Markdown table'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l as -d 'Who runs this, for the record [default: the user\'s name]' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l ref -d 'A ticket, for the record' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l now -d 'Freeze the local clock at this instant (target local only)' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l confirm-live -d 'The live account that a wide command may change' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l log-file -d 'Write each call to Stripe to this file, as JSON lines without secrets' -r -F
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l api-base -d 'Another Stripe on a loopback address' -r
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l json -d 'Same as --output json'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l no-input -d 'Never ask; what would need an answer is refused'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -l yes -d 'Answer yes to questions (not enough for wide commands with --target live)'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -s n -l dry-run -d 'Show what would be done, with its money, and change nothing'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -s q -l quiet -d 'Say nothing beside the result'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -s v -l verbose -d 'Show each call to Stripe'
complete -c paygrade -n "__fish_paygrade_using_subcommand webhook; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
