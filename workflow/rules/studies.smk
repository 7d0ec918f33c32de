rule collect:
    """Join a study's histories: a tidy table of all seeds, and the lecture's table of seed 0."""
    input:
        histories=needs("collect", histories_of),
    output:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        history="results/{dataset}/studies/{study}/history.csv",
    log:
        "results/{dataset}/logs/collect/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("collect"),
        digest=digest_of("collect"),
    script:
        "../../scripts/collect.py"


rule summarise:
    """Give each training's statistics over its seeds, one row per training."""
    input:
        histories=needs("summarise", "results/{dataset}/studies/{study}/histories.parquet"),
        floor=needs("summarise", "results/{dataset}/baseline/floor.json"),
    output:
        summary="results/{dataset}/studies/{study}/summary.csv",
    log:
        "results/{dataset}/logs/summarise/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("summarise"),
        digest=digest_of("summarise"),
    script:
        "../../scripts/summarise.py"


rule plot:
    """Draw the lecture's figure: loss above, accuracy below, over epochs, one line per value."""
    input:
        unpack(needs("plot", where_made("plot"))),
        histories=needs("plot", "results/{dataset}/studies/{study}/histories.parquet"),
    output:
        curves=report(
            "results/{dataset}/studies/{study}/curves.png",
            caption="../report/curves.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "curves"},
        ),
    log:
        "results/{dataset}/logs/plot/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("plot"),
        digest=digest_of("plot"),
    script:
        "../../scripts/plot.py"


rule recommend:
    """Say which learning rate to use, how sure that is and what it costs to be wrong."""
    input:
        histories=needs("recommend", "results/{dataset}/studies/{study}/histories.parquet"),
        floor=needs("recommend", "results/{dataset}/baseline/floor.json"),
    output:
        recommendation="results/{dataset}/studies/{study}/recommendation.json",
    log:
        "results/{dataset}/logs/recommend/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("recommend"),
        digest=digest_of("recommend"),
    script:
        "../../scripts/recommend.py"


rule compare:
    """Compare every pair of what a study varies beside the learning rate, seed by seed."""
    input:
        histories=needs("compare", "results/{dataset}/studies/{study}/histories.parquet"),
        floor=needs("compare", "results/{dataset}/baseline/floor.json"),
    output:
        comparisons="results/{dataset}/studies/{study}/comparisons.csv",
    log:
        "results/{dataset}/logs/compare/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("compare"),
        digest=digest_of("compare"),
    script:
        "../../scripts/compare.py"


rule plot_rates:
    """Draw the final loss over the learning rate, with its interval, the failed seeds and the recommended range."""
    input:
        summary=needs("plot_rates", "results/{dataset}/studies/{study}/summary.csv"),
        recommendation=needs("plot_rates", "results/{dataset}/studies/{study}/recommendation.json"),
    output:
        rates=report(
            "results/{dataset}/studies/{study}/rates.png",
            caption="../report/rates.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "loss over learning rate"},
        ),
    log:
        "results/{dataset}/logs/plot_rates/{study}.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=settings_of("plot_rates"),
        digest=digest_of("plot_rates"),
    script:
        "../../scripts/plot_rates.py"


rule plot_map:
    """Draw the stability map: the final loss over learning rate and batch size."""
    input:
        summary=needs("plot_map", "results/{dataset}/studies/{study}/summary.csv"),
        recommendation=needs("plot_map", "results/{dataset}/studies/{study}/recommendation.json"),
    output:
        map=report(
            "results/{dataset}/studies/{study}/map.png",
            caption="../report/map.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "stability map"},
        ),
    log:
        "results/{dataset}/logs/plot_map/{study}.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=settings_of("plot_map"),
        digest=digest_of("plot_map"),
    script:
        "../../scripts/plot_map.py"


rule plot_times:
    """Draw how many epochs each learning rate needs to reach the target loss."""
    input:
        histories=needs("plot_times", "results/{dataset}/studies/{study}/histories.parquet"),
    output:
        times=report(
            "results/{dataset}/studies/{study}/times.png",
            caption="../report/times.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "epochs to the target"},
        ),
    log:
        "results/{dataset}/logs/plot_times/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("plot_times"),
        digest=digest_of("plot_times"),
    script:
        "../../scripts/plot_times.py"


rule plot_few_seeds:
    """Draw how likely a study of few seeds picks a wrong learning rate."""
    input:
        recommendation=needs("plot_few_seeds", "results/{dataset}/studies/{study}/recommendation.json"),
    output:
        few_seeds=report(
            "results/{dataset}/studies/{study}/few_seeds.png",
            caption="../report/few_seeds.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "seeds needed"},
        ),
    log:
        "results/{dataset}/logs/plot_few_seeds/{study}.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=settings_of("plot_few_seeds"),
        digest=digest_of("plot_few_seeds"),
    script:
        "../../scripts/plot_few_seeds.py"


rule range_test:
    """Put every seed through Smith's range test, the learning rate growing at each step."""
    input:
        prepared=needs("range_test", "results/{dataset}/prepared.parquet"),
        program=needs("range_test", program_of_study),
    output:
        losses="results/{dataset}/studies/{study}/range_test.parquet",
    log:
        "results/{dataset}/logs/range_test/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/range_test/{study}.tsv"
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_training,
        runtime=10,
    params:
        settings=settings_of("range_test"),
        digest=digest_of("range_test"),
    script:
        "../../scripts/range_test.py"


rule audit:
    """Hold what learning-rate finders suggest against the curve that the trainings measured."""
    input:
        histories=needs("audit", "results/{dataset}/studies/{study}/histories.parquet"),
        losses=needs("audit", "results/{dataset}/studies/{study}/range_test.parquet"),
    output:
        suggestions="results/{dataset}/studies/{study}/finder.csv",
        figure=report(
            "results/{dataset}/studies/{study}/finder.png",
            caption="../report/finder.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "learning-rate finders"},
        ),
    log:
        "results/{dataset}/logs/audit/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("audit"),
        digest=digest_of("audit"),
    script:
        "../../scripts/audit.py"
