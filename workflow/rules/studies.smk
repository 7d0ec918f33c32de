rule collect:
    """Join a study's histories: a tidy table of all seeds, and the lecture's table of seed 0."""
    input:
        histories=histories_of,
        code=code_of("collect"),
    output:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        history=report(
            "results/{dataset}/studies/{study}/history.csv",
            caption="../report/history.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "history of seed 0"},
        ),
    log:
        "results/{dataset}/logs/collect/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/collect/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/collect.py"


rule summarise:
    """Give each training's statistics over its seeds, one row per training."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        floor="results/{dataset}/baseline/floor.json",
        code=code_of("summarise"),
    output:
        summary=report(
            "results/{dataset}/studies/{study}/summary.csv",
            caption="../report/summary.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "statistics over seeds"},
        ),
    log:
        "results/{dataset}/logs/summarise/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/summarise/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/summarise.py"


rule plot:
    """Draw the lecture's figure: loss above, accuracy below, over epochs, one line per value."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        code=code_of("plot"),
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
    benchmark:
        "results/{dataset}/benchmarks/plot/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/plot.py"


rule recommend:
    """Say which learning rate to use, how sure that is and what it costs to be wrong."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        floor="results/{dataset}/baseline/floor.json",
        code=code_of("recommend"),
    output:
        recommendation=report(
            "results/{dataset}/studies/{study}/recommendation.json",
            caption="../report/recommendation.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "recommendation"},
        ),
    log:
        "results/{dataset}/logs/recommend/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/recommend/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/recommend.py"


rule compare:
    """Compare every pair of what a study varies beside the learning rate, seed by seed."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        floor="results/{dataset}/baseline/floor.json",
        code=code_of("compare"),
    output:
        comparisons=report(
            "results/{dataset}/studies/{study}/comparisons.csv",
            caption="../report/comparisons.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "comparisons"},
        ),
    log:
        "results/{dataset}/logs/compare/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/compare/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/compare.py"


rule plot_rates:
    """Draw the final loss over the learning rate, with its interval, the failed seeds and the recommended range."""
    input:
        summary="results/{dataset}/studies/{study}/summary.csv",
        recommendation="results/{dataset}/studies/{study}/recommendation.json",
        code=code_of("plot_rates"),
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
    benchmark:
        "results/{dataset}/benchmarks/plot_rates/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/plot_rates.py"


rule plot_map:
    """Draw the stability map: the final loss over learning rate and batch size."""
    input:
        summary="results/{dataset}/studies/{study}/summary.csv",
        recommendation="results/{dataset}/studies/{study}/recommendation.json",
        code=code_of("plot_map"),
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
    benchmark:
        "results/{dataset}/benchmarks/plot_map/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/plot_map.py"


rule plot_times:
    """Draw how many epochs each learning rate needs to reach the target loss."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        code=code_of("plot_times"),
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
    benchmark:
        "results/{dataset}/benchmarks/plot_times/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/plot_times.py"


rule plot_few_seeds:
    """Draw how likely a study of few seeds picks a wrong learning rate."""
    input:
        recommendation="results/{dataset}/studies/{study}/recommendation.json",
        code=code_of("plot_few_seeds"),
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
    benchmark:
        "results/{dataset}/benchmarks/plot_few_seeds/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/plot_few_seeds.py"


rule range_test:
    """Put every seed through Smith's range test, the learning rate growing at each step."""
    input:
        prepared="results/{dataset}/prepared.parquet",
        code=code_of("range_test"),
    output:
        losses="results/{dataset}/studies/{study}/range_test.parquet",
    log:
        "results/{dataset}/logs/range_test/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/range_test/{study}.tsv"
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory_of_training,
        runtime=10,
    params:
        settings=range_test_settings,
    script:
        "../../scripts/range_test.py"


rule audit:
    """Hold what learning-rate finders suggest against the curve that the trainings measured."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        losses="results/{dataset}/studies/{study}/range_test.parquet",
        code=code_of("audit"),
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
    benchmark:
        "results/{dataset}/benchmarks/audit/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/audit.py"
